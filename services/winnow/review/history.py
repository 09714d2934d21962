"""Reads Kafka's past by position and time: for the rebuild, for early responses, for bodies.

No group, no commits. Messages of aborted transactions are never seen. `TransientError` when the
broker does not answer in time.
"""

import logging
import threading
from collections.abc import Iterator
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from winnow.runtime.consumed import incoming
from winnow.runtime.errors import TransientError
from winnow.runtime.messages import Incoming
from winnow.runtime.settings import Settings
from winnow.runtime.steady_clock import steady_now
from winnow_schemas.codec import InvalidMessage, decode
from winnow_schemas.evidence import Closed
from winnow_schemas.topics import TopicName

ANSWER_S = 5.0
PATIENCE_S = 30.0
PROBE_S = 0.5
_AT_ONCE = 1_000
_OPEN_END = 2**62


class TopicReader:
    """One topic, read from any position; one reading at a time."""

    def __init__(self, settings: Settings, topic: TopicName, *, fetch_bytes: int) -> None:
        self.topic = settings.topics[topic]
        config = settings.consumer_config(f"{settings.prefix}.review.history") | {
            "enable.partition.eof": True,
            "auto.offset.reset": "error",
            "fetch.message.max.bytes": fetch_bytes,
            "queued.max.messages.kbytes": 16 * 1024,
        }
        self._consumer = _consumer(config)
        self._at: tuple[int, int] | None = None
        self._lock = threading.Lock()

    def close(self) -> None:
        """Give the connections back."""
        self._consumer.close()

    def one(self, partition: int, offset: int) -> Incoming | None:
        """The message at that offset; None when there is none (any more)."""
        with self._lock:
            self._go_to(partition, offset)
            found = self._take(PATIENCE_S / 3, at_most=1)
            if not found:
                raise TransientError(f"{self.topic}/{partition}/{offset} cannot be read now")
            return found[0] if isinstance(found[0], Incoming) and found[0].offset == offset else None

    def between(self, partition: int, start: int, end: int) -> Iterator[Incoming]:
        """All messages from `start` up to, not including, `end`; waits for transactions that are open there."""
        with self._lock:
            position = start
            deadline = steady_now() + PATIENCE_S
            while position < end:
                self._go_to(partition, position)
                for found in self._take(1.0, at_most=_AT_ONCE):
                    position = max(position, _after(found))
                    deadline = steady_now() + PATIENCE_S
                    if isinstance(found, Incoming) and found.offset < end:
                        yield found
                if steady_now() > deadline:
                    raise TransientError(f"{self.topic}/{partition} cannot be read from {position} to {end} now")

    def is_empty(self, partition: int, start: int, end: int) -> bool:
        """Whether there is nothing to read from `start` up to `end`; False also while that cannot be told."""
        with self._lock:
            self._go_to(partition, start)
            found = self._take(PROBE_S, at_most=1)
            self._at = None
            return bool(found) and (found[0].offset if isinstance(found[0], Incoming) else found[0]) >= end

    def start_at(self, partition: int, time_s: float) -> int:
        """Offset of the first message written at or after that time."""
        if time_s <= 0:
            return self._low(partition)
        asked = TopicPartition(self.topic, partition, int(time_s * 1000))
        try:
            found: TopicPartition = self._consumer.offsets_for_times([asked], timeout=ANSWER_S)[0]
        except KafkaException as error:
            raise _transient(error) from None
        return int(found.offset) if found.offset >= 0 else _OPEN_END

    def _low(self, partition: int) -> int:
        return _watermarks(self._consumer, self.topic, partition)[0]

    def _go_to(self, partition: int, offset: int) -> None:
        if self._at != (partition, offset):
            self._consumer.assign([TopicPartition(self.topic, partition, offset)])
        self._at = (partition, offset)

    def _take(self, wait_s: float, at_most: int) -> list[Incoming | int]:
        """What comes next: messages, or the offset of an end; empty when nothing came in time."""
        first = self._consumer.poll(wait_s)
        if first is None:
            self._at = None
            return []
        found = [self._found(message) for message in [first, *self._consumer.consume(at_most - 1, 0.0)]]
        if self._at is not None:
            self._at = (self._at[0], max(_after(each) for each in found))
        return found

    def _found(self, message: Message) -> Incoming | int:
        error = message.error()
        if error is None:
            return incoming([message])[0]
        if error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 - the client's own name for it
            return int(message.offset())
        self._at = None
        if error.code() == KafkaError._AUTO_OFFSET_RESET:  # noqa: SLF001
            return self._low(message.partition())
        raise TransientError(f"{self.topic} cannot be read now: {error.str()}")


def _after(found: Incoming | int) -> int:
    return found.offset + 1 if isinstance(found, Incoming) else found


class KafkaHistory:
    """What a review worker asks of Kafka's past (`ports.History`, `bodies.RequestReader`)."""

    def __init__(self, settings: Settings) -> None:
        whole, single = 1024 * 1024, 64 * 1024
        self._requests = TopicReader(settings, "review-requests", fetch_bytes=whole)
        self._responses = TopicReader(settings, "review-responses", fetch_bytes=whole)
        self._evidence = TopicReader(settings, "evidence", fetch_bytes=whole)
        self._bodies = TopicReader(settings, "review-requests", fetch_bytes=single)
        self._by_topic = {reader.topic: reader for reader in (self._requests, self._responses)}
        config = settings.consumer_config(f"{settings.prefix}.review.ends")
        self._ends = _consumer(config | {"isolation.level": "read_uncommitted"})

    def close(self) -> None:
        """Give the connections back."""
        for reader in (self._requests, self._responses, self._evidence, self._bodies):
            reader.close()
        self._ends.close()

    def read(self, partition: int, offset: int) -> Incoming | None:
        """One request by its position."""
        return self._bodies.one(partition, offset)

    def requests(self, partition: int, start: int, end: int) -> Iterator[Incoming]:
        """Of `review-requests`, by offset."""
        return self._requests.between(partition, start, end)

    def responses(self, partition: int, since: float, end: int) -> Iterator[Incoming]:
        """Of `review-responses`, written at or after `since`, up to the offset `end`."""
        return self._responses.between(partition, self._responses.start_at(partition, since), end)

    def closings(self, since: float) -> Iterator[Closed]:
        """All closings since then, up to the end of uncommitted messages too.

        A former worker whose offsets are committed may have its closings hidden for another moment.
        """
        end = self.end_of(self._evidence.topic, 0)
        for message in self._evidence.between(0, self._evidence.start_at(0, since), end):
            if message.value is not None and b'"closing"' in message.value:
                try:
                    yield decode(Closed, message.value)
                except InvalidMessage:
                    continue

    def end_of(self, topic: str, partition: int) -> int:
        """The offset that the next message there will get, open transactions included."""
        return _watermarks(self._ends, topic, partition)[1]

    def is_read_to(self, topic: str, partition: int, position: int, end: int) -> bool:
        """Whether between `position` and `end` there is nothing to read (but marks of transactions)."""
        return position >= end or self._by_topic[topic].is_empty(partition, position, end)


def _consumer(config: dict[str, Any]) -> Consumer:
    return Consumer(config, logger=logging.getLogger("winnow.kafka"))


def _watermarks(consumer: Consumer, topic: str, partition: int) -> tuple[int, int]:
    try:
        low, high = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=ANSWER_S)
    except KafkaException as error:
        raise _transient(error) from None
    return int(low), int(high)


def _transient(error: KafkaException) -> TransientError:
    return TransientError(f"the broker does not answer: {error.args[0].str()}")
