"""Plain records: an id and numbers and little else, as most streams are; read three times as fast as others.

Msgspec builds one small object a message instead of dicts. It takes fewer messages than the contract does, and none
that the contract refuses: whatever it does not take is for `codec.decode_records` to judge.
"""

from collections.abc import Callable, Sequence
from datetime import MAXYEAR, MINYEAR, datetime
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import UNSET, Meta, UnsetType

from winnow_schemas.records import MAX_ID_CHARS

MOST_NUMBERS = 128
"""Beyond it a record that names its features in another order than the task would be slow to read."""

_Id = Annotated[str, Meta(min_length=1, max_length=MAX_ID_CHARS)]
_Aware = Annotated[datetime, Meta(tz=True)]
_NOT_PLAIN = (msgspec.DecodeError, UnicodeDecodeError, TypeError)
_MISSING = float("nan")
_NUMBER_BYTES = 9

_to_bytes = msgspec.msgpack.Encoder().encode


class PlainRecord(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """`id` is empty where the record has none; `features` have an attribute for each number, NaN if it is missing."""

    features: Any
    id: _Id = ""
    group: str | UnsetType = UNSET
    at: _Aware | UnsetType = UNSET
    show: dict[str, str] | UnsetType = UNSET


class PlainRecords(NamedTuple):
    """Those that are plain, in order, and the places of all other messages."""

    records: list[PlainRecord]
    others: list[int]


class Packed(NamedTuple):
    """Numbers of many records: for each record `width` bytes, the first at `begin`, and in them a number (a double,
    its highest byte first) at each of `places`.
    """

    data: bytes
    begin: int
    width: int
    places: Sequence[int]


class PlainReader:
    """Reads records that have no other features than these numbers.

    Raises `ValueError` for more than `MOST_NUMBERS`, or none, and for names with signs that are escaped in JSON.
    """

    def __init__(self, names: Sequence[str]) -> None:
        if not 0 < len(names) <= MOST_NUMBERS:
            raise ValueError(f"{len(names)} numbers: plain records have 1 to {MOST_NUMBERS}")
        attributes = [f"n{place}" for place in range(len(names))]
        features = msgspec.defstruct(
            "Features",
            [(attribute, float, _MISSING) for attribute in attributes],
            rename=dict(zip(attributes, names, strict=True)),
            gc=False,
            forbid_unknown_fields=True,
        )
        record = msgspec.defstruct("Record", [("features", features)], bases=(PlainRecord,), gc=False)
        self._decode: Callable[[Any], Any] = msgspec.json.Decoder(record).decode
        self._width = len(_to_bytes(features()))
        self._places = _places(names, self._width)

    def read(self, messages: Sequence[bytes | None]) -> PlainRecords:
        """Each message for itself; reads on behind one that is not plain."""
        records: list[PlainRecord] = []
        others: list[int] = []
        unread = iter(messages)
        while len(records) + len(others) < len(messages):
            try:
                records.extend(map(self._decode, unread))
            except _NOT_PLAIN:
                others.append(len(records) + len(others))
        return _without_odd_times(PlainRecords(records, others), len(messages))

    def packed(self, records: Sequence[PlainRecord]) -> Packed:
        """Their numbers: written as MessagePack, those of all records stand equally far apart."""
        data = _to_bytes([record.features for record in records])
        return Packed(data, len(data) - self._width * len(records), self._width, self._places)


def _places(names: Sequence[str], width: int) -> Sequence[int]:
    """Where the numbers stand in such an object: behind its head each name, a byte and the number."""
    lengths = [len(_to_bytes(name)) for name in names]
    place = width - sum(lengths) - _NUMBER_BYTES * len(names)
    places = []
    for length in lengths:
        place += length + _NUMBER_BYTES
        places.append(place - _NUMBER_BYTES + 1)
    return places


def _without_odd_times(read: PlainRecords, count: int) -> PlainRecords:
    """Times at the ends of the calendar are for the contract to judge: in UTC they may lie outside of it."""
    odd = {place for place, record in enumerate(read.records) if record.at is not UNSET and _is_odd(record.at)}
    if not odd:
        return read
    given = sorted(set(range(count)).difference(read.others))
    others = sorted([*read.others, *(given[place] for place in odd)])
    return PlainRecords([record for place, record in enumerate(read.records) if place not in odd], others)


def _is_odd(at: datetime) -> bool:
    return not MINYEAR < at.year < MAXYEAR
