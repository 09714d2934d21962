"""An open request as Redis keeps it: positions, priorities and a sketch, packed; and the lines they stand in.

Lines are what filters go by. All blind requests stand in one, whatever their reason is: no filter and no count tells
them apart.
"""

import json
import struct
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, NamedTuple

from winnow.core.choice import NAME_BYTES, Candidate, Kind
from winnow.core.sketch import NO_SKETCH, SKETCH_BYTES

BLIND_LINE = ""
_BETWEEN = "\x1f"
_HEAD = struct.Struct(f">IQdBB{SKETCH_BYTES}s")
_LENGTH = struct.Struct(">H")
_BLIND, _CHECK, _BEGUN, _MORE = 1, 2, 4, 8  # and 16, set in Redis alone: a lease of it has lapsed
_BEHIND_ALL = 1e7


@dataclass(frozen=True, slots=True)
class Entry:
    """One open request as the queue knows it; `wanted` is how many more reviewers may hold it.

    `line` is where it stands; records of one `group` are given out together. A `begun` one was asked before, so it
    waits for no near-duplicate.
    """

    request_id: str
    record_id: str
    partition: int
    offset: int
    place: float
    wanted: int
    seen_by: tuple[str, ...] = ()
    reserved_for: str | None = None
    kind: Kind = "open"
    line: str = "uncertain"
    sketch: bytes = NO_SKETCH
    group: str | None = None
    is_begun: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """Which of the ordinary requests are wanted, by reason and by the label suggested; empty: all.

    Blind ones come in between as often as they stand in the whole queue.
    """

    reasons: Collection[str] = ()
    labels: Collection[str] = ()

    def lets_pass(self, line: str) -> bool:
        """Whether requests of a line are wanted; blind ones always are."""
        if line == BLIND_LINE:
            return True
        reason, label = reason_and_label(line)
        return (not self.reasons or reason in self.reasons) and (not self.labels or label in self.labels)


def line_of(reason: str, suggestion: str | None) -> str:
    """The line of a request that is not blind."""
    return reason if suggestion is None else f"{reason}{_BETWEEN}{suggestion}"


def reason_and_label(line: str) -> tuple[str, str | None]:
    """The reason and the label suggested (if one is) of a line that is not the blind one."""
    reason, between, label = line.partition(_BETWEEN)
    return reason, label if between else None


def group_name(group: str) -> str:
    """Short, whatever producers call their documents."""
    return blake2b(group.encode(errors="surrogatepass"), digest_size=12).hexdigest()


def packed(entry: Entry) -> bytes:
    """As it stands in Redis; `lua/queue.lua` reads the same."""
    more = {"seen": list(entry.seen_by), "for": entry.reserved_for}
    rest = {key: value for key, value in more.items() if value}
    flags = (_BLIND if entry.kind == "blind" else _CHECK if entry.kind == "check" else 0) | _BEGUN * entry.is_begun
    flags |= _MORE if rest else 0
    head = _HEAD.pack(entry.partition, entry.offset, entry.place, entry.wanted, flags, entry.sketch)
    names = (entry.line, entry.record_id, group_name(entry.group) if entry.group else "")
    tail = json.dumps(rest).encode() if rest else b""
    return b"".join([head, *map(_with_length, names), tail])


def unpacked(request_id: str, value: bytes) -> Entry:
    """What `packed` packed, and Redis gave back, but for the name of the group."""
    partition, offset, place, wanted, flags, sketch = _HEAD.unpack_from(value)
    (line, record_id, _), at = _names(value)
    more: dict[str, Any] = json.loads(value[at:]) if at < len(value) else {}
    return Entry(
        request_id=request_id,
        record_id=record_id,
        partition=partition,
        offset=offset,
        place=place,
        wanted=wanted,
        seen_by=tuple(more.get("seen", ())),
        reserved_for=more.get("for"),
        kind=_kind(flags),
        line=line,
        sketch=sketch,
        is_begun=bool(flags & _BEGUN),
    )


class Told(NamedTuple):
    """A candidate as Redis tells of it: its id, where its body stands, and what the choice needs to know."""

    request_id: str
    position: tuple[int, int]
    candidate: Candidate


def candidates_in(told: bytes, *, waited: bool) -> Iterator[Told]:
    """The candidates that Redis tells of.

    Those that have `waited` for their near-duplicates wait no longer, but stand behind all others.
    """
    at = 0
    while at < len(told):
        (length,) = _LENGTH.unpack_from(told, at)
        at += _LENGTH.size
        name = told[at : at + length]
        partition, offset, place, _, flags, sketch = _HEAD.unpack_from(told, at + length)
        at += length + _HEAD.size
        short = int.from_bytes(blake2b(name, digest_size=NAME_BYTES).digest(), "little")
        is_begun = waited or bool(flags & _BEGUN)
        place -= _BEHIND_ALL * waited
        candidate = Candidate(short, place, _kind(flags), sketch, is_begun)
        yield Told(name.decode(), (partition, offset), candidate)


def _kind(flags: int) -> Kind:
    return "blind" if flags & _BLIND else "check" if flags & _CHECK else "open"


def _names(value: bytes) -> tuple[list[str], int]:
    names, at = [], _HEAD.size
    for _ in range(3):
        (length,) = _LENGTH.unpack_from(value, at)
        at += _LENGTH.size
        names.append(value[at : at + length].decode())
        at += length
    return names, at


def _with_length(name: str) -> bytes:
    encoded = name.encode()
    return _LENGTH.pack(len(encoded)) + encoded
