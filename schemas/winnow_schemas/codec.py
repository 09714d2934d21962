"""Bytes to contract and back. The only place where messages are parsed and serialised."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from winnow_schemas.records import KNOWN_FIELDS, NumbersRecord, Record, ValidRecord, with_something_to_score

T = TypeVar("T")


class InvalidMessage(ValueError):
    """A message that breaks its contract. `code` is stable and short, the text is for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@cache
def adapter(contract: Any) -> TypeAdapter[Any]:
    """The validator of a contract, built once."""
    return TypeAdapter(contract)


_RECORD: TypeAdapter[Record] = adapter(ValidRecord)
_read_fields = adapter(Record).validator.validate_json
_read_numbers = adapter(NumbersRecord).validator.validate_json


class DecodedRecords(NamedTuple):
    """The records that keep their contract, in order, and by place what is wrong with the other messages."""

    records: list[Record]
    broken: dict[int, InvalidMessage]


def decode(contract: type[T], message: bytes) -> T:
    """Parse and validate one message; raises `InvalidMessage`."""
    return _parse(adapter(contract), message)  # type: ignore[no-any-return, arg-type]


def decode_record(message: bytes) -> Record:
    """Parse and validate one record; raises `InvalidMessage`."""
    return _parse(_RECORD, message)  # type: ignore[no-any-return]


def decode_records(messages: Sequence[bytes | None]) -> DecodedRecords:
    """`decode_record` for many messages, each for itself: what one says never changes how another is read."""
    records, broken = _with_valid_fields(messages)
    if not _are_plain(records):
        places = [place for place in range(len(messages)) if place not in broken]
        for place, record in zip(places, records, strict=True):
            if error := _error_beyond_fields(record, messages[place]):
                broken[place] = error
        records = [record for place, record in zip(places, records, strict=True) if place not in broken]
        broken = dict(sorted(broken.items()))
    return DecodedRecords(records, broken)


def _with_valid_fields(messages: Sequence[bytes | None]) -> DecodedRecords:
    """Reads on behind a message that is broken, so that however many are the others are read once.

    As the first message has them, features are taken for numbers or not; what does not fit is looked at again.
    """
    records: list[Record] = []
    broken: dict[int, InvalidMessage] = {}
    read: Callable[[Any], Record] = _read_numbers if _fits(_read_numbers, messages[:1]) else _read_fields
    unread = iter(messages)
    while len(records) + len(broken) < len(messages):
        try:
            records.extend(map(read, unread))
        except ValidationError:
            place = len(records) + len(broken)
            try:
                records.append(_parse(adapter(Record), messages[place]))
            except InvalidMessage as error:
                broken[place] = error
    return DecodedRecords(records, broken)


def _fits(read: Callable[[Any], Record], messages: Sequence[bytes | None]) -> bool:
    try:
        return all(map(read, messages))
    except ValidationError:
        return False


def _are_plain(records: Sequence[Record]) -> bool:
    """Whether nothing is left to check: all fields are known, and each record has something to score."""
    if not KNOWN_FIELDS.issuperset(set().union(*records)):
        return False
    return all(record.get("features") or "text" in record or record.get("embedding") for record in records)


def _error_beyond_fields(record: Record, message: bytes | None) -> InvalidMessage | None:
    try:
        with_something_to_score(record)
    except ValueError:
        return _error_of(message)
    return None


def _error_of(message: bytes | None) -> InvalidMessage | None:
    try:
        _parse(_RECORD, message)
    except InvalidMessage as error:
        return error
    return None


def validate_record(record: object) -> Record:
    """Check a record that is no message yet, such as a producer's own dict; raises `InvalidMessage`."""
    try:
        return _RECORD.validate_python(record)
    except ValidationError as error:
        raise InvalidMessage(*_in_one_line(error)) from None


def encode(message: BaseModel) -> bytes:
    """One message as UTF-8 JSON; absent beats null."""
    return message.model_dump_json(exclude_none=True, by_alias=True).encode()


def encode_record(record: Record) -> bytes:
    """One record as UTF-8 JSON."""
    return _RECORD.dump_json(record, exclude_none=True)


def _parse(validator: TypeAdapter[Any], message: bytes | None) -> Any:
    if message is None:
        raise InvalidMessage("empty", "the message has no value")
    try:
        return validator.validate_json(message)
    except ValidationError as error:
        raise InvalidMessage(*_in_one_line(error)) from None


def _in_one_line(error: ValidationError) -> tuple[str, str]:
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return first["type"], f"{where + ': ' if where else ''}{first['msg']}{more}"[:500]
