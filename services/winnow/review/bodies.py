"""Bodies of requests: the newest in memory, the others fetched from Kafka by their position.

Promises: memory stays within a bound whatever is open; a body is the same wherever it came from.
Shared by the loop and the API's threads.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Protocol

from winnow.runtime.messages import Headers, Incoming
from winnow_schemas.codec import InvalidMessage, decode
from winnow_schemas.review_requests import ReviewRequest

MAX_BYTES = 64 * 1024 * 1024

Position = tuple[int, int]
"""Partition number and offset of a request."""


@dataclass(frozen=True, slots=True)
class Body:
    """A request as it stands in Kafka; `headers` are the record's and travel on."""

    request: ReviewRequest
    record_id: str
    headers: Headers


class RequestReader(Protocol):
    """Reads messages of `review-requests` by their positions."""

    def read(self, partition: int, offset: int) -> Incoming | None:
        """One message; None when it is no longer there."""

    def read_some(self, partition: int, offsets: Iterable[int]) -> Mapping[int, Incoming | None]:
        """Several at once, None for those that are gone; some may be missing."""


def parse_body(message: Incoming) -> Body:
    """A request's message; raises `InvalidMessage`."""
    request = decode(ReviewRequest, message.value)  # type: ignore[arg-type]
    return Body(request, _record_id(request, message), message.headers)


class Bodies:
    """Least recently used messages up to `max_bytes`, by position: as bytes, for parsed they are ten times as large."""

    def __init__(
        self,
        reader: RequestReader,
        max_bytes: int = MAX_BYTES,
        on_read: Callable[[ReviewRequest], None] = lambda _request: None,
    ) -> None:
        self._reader = reader
        self._on_read = on_read
        self._max_bytes = max_bytes
        self._kept: OrderedDict[tuple[int, int], Incoming] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def first_read(self, message: Incoming, body: Body) -> None:
        """A request comes in: it is kept, and `on_read` is told, once for each (and again after a restart)."""
        self.keep(message)
        self._on_read(body.request)

    def keep(self, message: Incoming) -> None:
        """Take a message that was read anyway."""
        position = message.partition, message.offset
        with self._lock:
            if position in self._kept:
                return
            self._kept[position] = message
            self._bytes += _size(message)
            while self._bytes > self._max_bytes and len(self._kept) > 1:
                self._bytes -= _size(self._kept.popitem(last=False)[1])

    def gather(self, positions: Iterable[Position]) -> None:
        """Bodies that will soon be asked for, in few reads; those that do not come are read one by one."""
        missing = sorted({position for position in positions if self._found(*position) is None})
        for partition, of_it in groupby(missing, key=itemgetter(0)):
            for message in self._reader.read_some(partition, [offset for _, offset in of_it]).values():
                if message is not None:
                    self.keep(message)

    def get(self, partition: int, offset: int) -> Body | None:
        """The body at that position; None when Kafka no longer has it (or it cannot be read)."""
        message = self._found(partition, offset) or self._reader.read(partition, offset)
        if message is None:
            return None
        self.keep(message)
        try:
            return parse_body(message)
        except InvalidMessage:
            return None

    def _found(self, partition: int, offset: int) -> Incoming | None:
        with self._lock:
            if message := self._kept.get((partition, offset)):
                self._kept.move_to_end((partition, offset))
            return message


def header(headers: Headers, name: str) -> str | None:
    """The last header of that name, as text."""
    values = [value for key, value in headers if key == name]
    return values[-1].decode(errors="replace") if values and values[-1] is not None else None


def _record_id(request: ReviewRequest, message: Incoming) -> str:
    if (given := request.record.get("id")) is not None:
        return given
    return message.key.decode(errors="replace") if message.key else request.decision.decision_id


def _size(message: Incoming) -> int:
    return len(message.value or b"")
