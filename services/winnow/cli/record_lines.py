"""Reads files of records: one JSON object a line, plain or gzip, with the true label beside it if known."""

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from winnow.runtime.errors import UsageError
from winnow_schemas.codec import InvalidMessage, decode_record, encode_record
from winnow_schemas.records import Record

GZIP_MAGIC = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class RecordLine:
    """A valid record, as it goes on the wire; `label` is what the file says of it, never sent."""

    number: int
    record: Record
    label: str | None

    @property
    def record_id(self) -> str | None:
        """The record's own id, if it has one."""
        return self.record.get("id")

    @property
    def key(self) -> bytes | None:
        """Kafka key: the record's id."""
        return self.record_id.encode() if self.record_id is not None else None

    @property
    def value(self) -> bytes:
        """The message's bytes."""
        return encode_record(self.record)


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is no record, and why."""

    number: int
    problem: str


def parse_line(number: int, line: bytes) -> RecordLine | BadLine:
    """One line of a file, checked against the contract of records."""
    try:
        record = decode_record(line)
    except InvalidMessage as error:
        return BadLine(number, str(error))
    label = record.pop("label", None)  # type: ignore[typeddict-item]
    if label is not None and not isinstance(label, str):
        return BadLine(number, "label: a text is wanted")
    return RecordLine(number, record, label)


def read_records(path: Path) -> Iterator[RecordLine | BadLine]:
    """All lines but the empty ones, numbered from 1."""
    return (parse_line(number, line) for number, line in numbered_lines(path))


def numbered_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """The bytes of all lines but the empty ones, without their line ends."""
    try:
        with path.open("rb") as plain:
            packed = plain.read(2) == GZIP_MAGIC
        with gzip.open(path) if packed else path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if content := line.strip(b"\r\n"):
                    yield number, content
    except FileNotFoundError:
        raise UsageError(f"{path}: there is no such file") from None
    except (OSError, EOFError, zlib.error) as error:
        raise UsageError(f"{path}: cannot read it: {error}; is the file complete?") from None


def count_lines(path: Path) -> int:
    """How many lines there are to read, for progress."""
    return sum(1 for _ in numbered_lines(path))
