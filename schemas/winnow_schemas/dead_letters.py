"""`dead-letters.v1`: messages that broke their contract, with their original bytes."""

from pydantic import Base64Bytes

from winnow_schemas.base import Contract, Moment


class Position(Contract):
    """Where a message stood in Kafka."""

    topic: str
    partition: int
    offset: int


class ErrorDetail(Contract):
    """`code` is stable and short, `message` is for people."""

    code: str
    message: str


class DeadLetter(Contract):
    """A message nobody could use. `original` (and `key`) are the bytes as they were, base64 on the wire."""

    original: Base64Bytes
    key: Base64Bytes | None = None
    source: Position
    error: ErrorDetail
    service: str
    attempts: int
    at: Moment
