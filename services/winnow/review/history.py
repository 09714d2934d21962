"""Reads Kafka's past by position and time: for the rebuild, for early responses, for bodies.

No group, no commits. Messages of aborted transactions are never seen. `TransientError` when the
broker does not answer in time.
"""

from collections.abc import Iterable, Iterator

from winnow.review.topic_reader import TopicReader, new_consumer, watermarks
from winnow.runtime.messages import Incoming
from winnow.runtime.settings import Settings
from winnow_schemas.codec import InvalidMessage, decode
from winnow_schemas.evidence import Closed

BODY_BYTES_AT_ONCE = 8 * 1024 * 1024


class KafkaHistory:
    """What a review worker asks of Kafka's past (`ports.History`, `bodies.RequestReader`)."""

    def __init__(self, settings: Settings) -> None:
        whole, single = 1024 * 1024, 64 * 1024
        self._requests = TopicReader(settings, "review-requests", fetch_bytes=whole)
        self._responses = TopicReader(settings, "review-responses", fetch_bytes=whole)
        self._evidence = TopicReader(settings, "evidence", fetch_bytes=whole)
        self._bodies = TopicReader(settings, "review-requests", fetch_bytes=single)
        self._several = TopicReader(settings, "review-requests", fetch_bytes=single)
        self._by_topic = {reader.topic: reader for reader in (self._requests, self._responses)}
        config = settings.consumer_config(f"{settings.prefix}.review.ends")
        self._ends = new_consumer(config | {"isolation.level": "read_uncommitted"})

    def close(self) -> None:
        """Give the connections back."""
        for reader in (self._requests, self._responses, self._evidence, self._bodies, self._several):
            reader.close()
        self._ends.close()

    def read(self, partition: int, offset: int) -> Incoming | None:
        """One request by its position."""
        return self._bodies.one(partition, offset)

    def read_some(self, partition: int, offsets: Iterable[int]) -> dict[int, Incoming | None]:
        """Several requests by their positions; some MiB at most, the rest is missing."""
        return self._several.at(partition, offsets, BODY_BYTES_AT_ONCE)

    def messages(self, topic: str, partition: int, start: int, end: int) -> Iterator[Incoming]:
        """Of requests or responses, by offset."""
        return self._by_topic[topic].between(partition, start, end)

    def responses(self, partition: int, since: float, end: int) -> Iterator[Incoming]:
        """Of `review-responses`, written at or after `since`, up to the offset `end`."""
        return self._responses.between(partition, self._responses.start_at(partition, since), end)

    def closings(self, since: float) -> Iterator[Closed | None]:
        """All closings since then, up to the end of uncommitted messages too; None for every other message.

        A former worker whose offsets are committed may have its closings hidden for another moment.
        """
        end = self.end_of(self._evidence.topic, 0)
        for message in self._evidence.between(0, self._evidence.start_at(0, since), end):
            yield _closing_in(message)

    def end_of(self, topic: str, partition: int) -> int:
        """The offset that the next message there will get, open transactions included."""
        return watermarks(self._ends, topic, partition)[1]

    def is_read_to(self, topic: str, partition: int, position: int, end: int) -> bool:
        """Whether between `position` and `end` there is nothing to read (but marks of transactions)."""
        return position >= end or self._by_topic[topic].is_empty(partition, position, end)


def _closing_in(message: Incoming) -> Closed | None:
    if message.value is None or b'"closing"' not in message.value:
        return None
    try:
        return decode(Closed, message.value)
    except InvalidMessage:
        return None
