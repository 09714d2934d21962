"""The monitor's state as small entries of a changelogged table: a head, and a slot for each of what is many.

The head says up to which offset of the evidence the state has seen. Slots (kept answers, answer times,
buckets of audits) carry the offsets of what they hold, so they may be ahead of the head, never behind:
they are written first, and the head when they are safe. A restart goes on behind the head's offset,
passes over what slots hold of later evidence, and folds that evidence again.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

HEAD = b"head"
MAX_ENTRY_BYTES = 64 * 1024
_SLOT = b"slot/"

State = dict[str, Any]


class Kept(NamedTuple):
    """A state found in the table: which evidence topic it saw, up to where, the head, all slots."""

    evidence: str
    offset: int
    head: State
    slots: dict[str, Any]


def head_entry(evidence: str, offset: int, head: State) -> bytes:
    """The value to be written under `HEAD` for a state that has seen `offset` of this evidence."""
    return _dump({"evidence": evidence, "offset": offset, "state": head})


def slot_entries(slots: Mapping[str, Any]) -> Iterable[tuple[bytes, bytes]]:
    """Keys and values to be written for slots."""
    return ((_SLOT + name.encode(), _dump(value)) for name, value in slots.items())


def kept_state(table: Mapping[bytes, bytes]) -> Kept | None:
    """What the table holds; None before any head was written."""
    if HEAD not in table:
        return None
    head = json.loads(table[HEAD])
    slots = {name: json.loads(table[_SLOT + name.encode()]) for name in slot_names(table)}
    return Kept(head["evidence"], head["offset"], head["state"], slots)


def slot_names(table: Mapping[bytes, bytes]) -> list[str]:
    """Names of all slots that the table holds, of whatever age."""
    return [key.removeprefix(_SLOT).decode() for key in table if key.startswith(_SLOT)]


def _dump(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
