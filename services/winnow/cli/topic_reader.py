"""Reads topics without a group: nothing is committed, nobody's work is disturbed."""

import time
from collections.abc import Iterator, Sequence
from typing import Literal, Self

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from winnow.cli.failures import CommandFailed
from winnow.runtime.consumed import incoming
from winnow.runtime.messages import Incoming
from winnow.runtime.settings import Settings

ASK_S = 10.0
ASK_AGAIN_S = 0.1
BATCH = 500
PASSING = frozenset(
    {
        KafkaError.NOT_LEADER_FOR_PARTITION,
        KafkaError.LEADER_NOT_AVAILABLE,
        KafkaError.UNKNOWN_TOPIC_OR_PART,
        KafkaError._TRANSPORT,  # noqa: SLF001 - librdkafka's own names
        KafkaError._ALL_BROKERS_DOWN,  # noqa: SLF001
        KafkaError._TIMED_OUT,  # noqa: SLF001
    }
)
"""Errors of a cluster that is just starting, electing or restarting: they pass."""


class TopicReader:
    """All partitions of some topics (full names), from their beginning or from what is written from now on.

    Only committed messages are seen. A context manager; not for several threads.
    """

    def __init__(self, settings: Settings, topics: Sequence[str], start: Literal["beginning", "now"]) -> None:
        config = settings.consumer_config(f"{settings.prefix}.cli") | {"enable.partition.eof": True}
        self._consumer = Consumer(config)
        self._partitions = [partition for topic in topics for partition in self._all_partitions(topic)]
        self._at_end: set[tuple[str, int]] = set()
        self._consumer.assign([self._from(partition, start) for partition in self._partitions])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._consumer.close()

    def poll(self, timeout_s: float) -> list[Incoming]:
        """What came within the time; may be empty."""
        found: list[Incoming] = []
        for message in self._consumer.consume(BATCH, timeout_s):
            error = message.error()
            if error is None:
                self._at_end.discard((message.topic(), message.partition()))
                found += incoming([message])
            elif error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 - librdkafka's own name
                self._at_end.add((message.topic(), message.partition()))
            elif error.code() not in PASSING:
                raise KafkaException(error)
        return found

    def read_to_end(self, patience_s: float = 30.0) -> Iterator[Incoming]:
        """Everything up to the first end of each partition; fails when nothing comes for `patience_s`."""
        empty_for = 0.0
        while len(self._at_end) < len(self._partitions):
            before = len(self._at_end)
            batch = self.poll(0.2)
            yield from batch
            empty_for = 0.0 if batch or len(self._at_end) > before else empty_for + 0.2
            if empty_for > patience_s:
                raise CommandFailed(f"no answer from the broker for {patience_s:.0f} s while reading; is it up?")

    def starts(self) -> dict[tuple[str, int], int]:
        """The oldest offset that each partition still has."""
        return {(partition.topic, partition.partition): self._ends(partition)[0] for partition in self._partitions}

    def rewind_to_last(self, messages: int) -> None:
        """Start so many messages before the end of each partition."""
        for partition in self._partitions:
            low, high = self._ends(partition)
            partition.offset = max(low, high - messages)
        self._consumer.assign(self._partitions)

    def _all_partitions(self, topic: str) -> list[TopicPartition]:
        found = self._consumer.list_topics(topic, timeout=ASK_S).topics[topic]
        if found.error is not None or not found.partitions:
            raise CommandFailed(f"topic {topic} is not there: make it with `winnow topics create`")
        return [TopicPartition(topic, number) for number in sorted(found.partitions)]

    def _from(self, partition: TopicPartition, start: Literal["beginning", "now"]) -> TopicPartition:
        low, high = self._ends(partition)
        return TopicPartition(partition.topic, partition.partition, low if start == "beginning" else high)

    def _ends(self, partition: TopicPartition) -> tuple[int, int]:
        """Oldest and next offset; a partition that is just getting its leader is asked again."""
        deadline = time.monotonic() + ASK_S
        while True:
            try:
                low, high = self._consumer.get_watermark_offsets(partition, timeout=ASK_S)
            except KafkaException as error:
                if error.args[0].code() not in PASSING or time.monotonic() > deadline:
                    raise
                time.sleep(ASK_AGAIN_S)
            else:
                return int(low), int(high)
