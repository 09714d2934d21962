"""Bytes to contract and back. The only place where messages are parsed and serialised."""

from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from winnow_schemas.records import Record, ValidRecord

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


def decode(contract: type[T], message: bytes) -> T:
    """Parse and validate one message; raises `InvalidMessage`."""
    return _parse(adapter(contract), message)  # type: ignore[no-any-return, arg-type]


def decode_record(message: bytes) -> Record:
    """Parse and validate one record; raises `InvalidMessage`."""
    return _parse(_RECORD, message)  # type: ignore[no-any-return]


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
