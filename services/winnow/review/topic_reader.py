"""Reads one topic from any position, and by time. No group, no commits.

Messages of aborted transactions are never seen. `TransientError` when the broker does not answer in time.
"""

import logging
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from winnow.runtime.consumed import incoming
from winnow.runtime.errors import TransientError
from winnow.runtime.messages import Incoming
from winnow.runtime.settings import Settings
from winnow.runtime.steady_clock import steady_now
from winnow_schemas.topics import TopicName

ANSWER_S = 5.0
PATIENCE_S = 30.0
PROBE_S = 0.5
_AT_ONCE = 1_000
_SKIPPED = 2_000
"""Messages that are cheaper to read than to ask the broker for another position."""
_OPEN_END = 2**62


class TopicReader:
    """One topic, read from any position; one read at a time."""

    def __init__(self, settings: Settings, topic: TopicName, *, fetch_bytes: int) -> None:
        self.topic = settings.topics[topic]
        config = settings.consumer_config(f"{settings.prefix}.review.history") | {
            "enable.partition.eof": True,
            "auto.offset.reset": "error",
            "fetch.message.max.bytes": fetch_bytes,
            "queued.max.messages.kbytes": 16 * 1024,
        }
        self._consumer = new_consumer(config)
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

    def first_at_or_after(self, partition: int, offset: int) -> Incoming | None:
        """The first message from there on; None when what stood there is gone, or nothing came yet."""
        with self._lock:
            if offset < self._low(partition):
                return None
            self._at = None
            self._go_to(partition, offset)
            found = self._take(PATIENCE_S / 3, at_most=1)
            if not found:
                raise TransientError(f"{self.topic}/{partition}/{offset} cannot be read now")
            return found[0] if isinstance(found[0], Incoming) else None

    def between(self, partition: int, start: int, end: int) -> Iterator[Incoming]:
        """All messages from `start` up to, not including, `end`; waits for transactions that are open there.

        Others may read between two of them.
        """
        position = start
        deadline = steady_now() + PATIENCE_S
        while position < end:
            with self._lock:
                self._go_to(partition, position)
                taken = self._take(1.0, at_most=_AT_ONCE)
            for found in taken:
                position = max(position, _after(found))
                if isinstance(found, Incoming) and found.offset < end:
                    yield found
            if taken:
                deadline = steady_now() + PATIENCE_S
            elif steady_now() > deadline:
                raise TransientError(f"{self.topic}/{partition} cannot be read from {position} to {end} now")

    def onward(self, partition: int, start: int) -> Iterator[Incoming]:
        """All messages from `start` on, up to the end that is met when they are read."""
        with self._lock:
            position, is_over = start, False
            deadline = steady_now() + PATIENCE_S
            self._at = None
            while not is_over:
                self._go_to(partition, position)
                for found in self._take(1.0, at_most=_AT_ONCE):
                    position = max(position, _after(found))
                    deadline = steady_now() + PATIENCE_S
                    is_over = not isinstance(found, Incoming)
                    if isinstance(found, Incoming):
                        yield found
                if steady_now() > deadline:
                    raise TransientError(f"{self.topic}/{partition} cannot be read from {position} on now")

    def at(self, partition: int, offsets: Iterable[int], most_bytes: int) -> dict[int, Incoming | None]:
        """The messages at these offsets, None for each that is not there (any more).

        Ends early when `most_bytes` have been read: those not looked for by then are missing from the answer.
        """
        wanted, answer, size = deque(sorted(set(offsets))), dict[int, Incoming | None](), 0
        with self._lock:
            self._at = None
            position = wanted[0] if wanted else 0
            deadline = steady_now() + PATIENCE_S / 3
            while wanted and size < most_bytes:
                if not 0 <= wanted[0] - position <= _SKIPPED:
                    position = wanted[0]
                self._go_to(partition, position)
                for found in self._take(1.0, at_most=_AT_ONCE):
                    position = _after(found)
                    size += len(found.value or b"") if isinstance(found, Incoming) else 0
                    answer |= _answered(wanted, found)
                    deadline = steady_now() + PATIENCE_S / 3
                if steady_now() > deadline:
                    raise TransientError(f"{self.topic}/{partition} cannot be read from {position} now")
        return answer

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
            raise not_answering(error) from None
        return int(found.offset) if found.offset >= 0 else _OPEN_END

    def _low(self, partition: int) -> int:
        return watermarks(self._consumer, self.topic, partition)[0]

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


def _answered(wanted: deque[int], found: Incoming | int) -> dict[int, Incoming | None]:
    """Takes from `wanted` (in order) what is known once `found` came; an end before the first leaves nothing."""
    is_over = isinstance(found, int) and bool(wanted) and found <= wanted[0]
    answer: dict[int, Incoming | None] = {}
    while wanted and (wanted[0] < _after(found) or is_over):
        offset = wanted.popleft()
        answer[offset] = found if isinstance(found, Incoming) and found.offset == offset else None
    return answer


def new_consumer(config: dict[str, Any]) -> Consumer:
    """A consumer that logs where we do."""
    return Consumer(config, logger=logging.getLogger("winnow.kafka"))


def watermarks(consumer: Consumer, topic: str, partition: int) -> tuple[int, int]:
    """The first offset there is, and the next one to be written."""
    try:
        low, high = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=ANSWER_S)
    except KafkaException as error:
        raise not_answering(error) from None
    return int(low), int(high)


def not_answering(error: KafkaException) -> TransientError:
    """What a call that failed comes to."""
    return TransientError(f"the broker does not answer: {error.args[0].str()}")
