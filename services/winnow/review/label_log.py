"""Reads `labels` on and on, of all partition numbers at once, from any position; and the records behind it.

No group, no commits, no thread: what is read is read by the loop, a piece at each turn. Messages of
aborted transactions are never seen.
"""

from collections.abc import Iterable, Mapping, Sequence

import structlog
from confluent_kafka import KafkaError, Message, TopicPartition

from winnow.review.ports import LabelsRead
from winnow.review.rebuild import CLOCKS_DIFFER_S
from winnow.review.topic_reader import TopicReader, new_consumer, watermarks
from winnow.runtime.consumed import incoming
from winnow.runtime.error_kinds import ErrorKind, kind_of
from winnow.runtime.errors import RestartNeeded
from winnow.runtime.follower import Follower
from winnow.runtime.messages import Incoming
from winnow.runtime.settings import Settings

log = structlog.get_logger(__name__)

RECORD_BYTES_AT_ONCE = 4 * 1024 * 1024


class KafkaLabelLog:
    """What a recall asks of Kafka (`ports.LabelLog`); used by the loop's thread only."""

    def __init__(self, settings: Settings) -> None:
        config = settings.consumer_config(f"{settings.prefix}.review.labels") | {
            "enable.partition.eof": True,
            "auto.offset.reset": "earliest",
            "queued.max.messages.kbytes": 16 * 1024,
        }
        self._topic = settings.topics["labels"]
        self._labels = new_consumer(config)
        self._certificates = Follower(settings, [settings.topics["certificates"]])
        self._by_time = TopicReader(settings, "labels", fetch_bytes=64 * 1024)
        self._evidence = TopicReader(settings, "evidence", fetch_bytes=64 * 1024)
        self._records = TopicReader(settings, "records", fetch_bytes=1024 * 1024)

    def close(self) -> None:
        """Give the connections back."""
        self._labels.close()
        for each in (self._certificates, self._by_time, self._evidence, self._records):
            each.close()

    def certificates(self) -> Sequence[Incoming]:
        """What has come in `certificates` since this was asked last."""
        return self._certificates.poll()

    def end(self, partition: int) -> int:
        """The offset that the next label there will get, open transactions included."""
        return watermarks(self._labels, self._topic, partition)[1]

    def start_of(self, version: int, partition: int) -> int:
        """An offset before all labels decided under this policy version or a later one.

        A policy is named by the evidence that caused it, so its labels were written after that evidence
        was; clocks may differ. Where that evidence is gone, the beginning.
        """
        evidence = self._evidence.first_at_or_after(0, version)
        return self._by_time.start_at(partition, evidence.timestamp - CLOCKS_DIFFER_S if evidence else 0.0)

    def follow(self, positions: Mapping[int, int]) -> None:
        """From now on read these partition numbers, each from there."""
        if positions:
            self._labels.assign([TopicPartition(self._topic, number, at) for number, at in positions.items()])
        else:
            self._labels.unassign()

    def take(self, at_most: int) -> LabelsRead:
        """The labels that are there, without waiting."""
        found = self._labels.consume(at_most, 0.0)
        ends: dict[int, int] = {}
        for message in found:
            if message.error() is not None:
                ends |= _end(message)
        return LabelsRead(incoming(m for m in found if m.error() is None), ends, len(found) < at_most)

    def records(self, partition: int, offsets: Iterable[int]) -> dict[int, Incoming | None]:
        """The records at these offsets, None for those that are gone; some MiB at most, the rest is missing."""
        return self._records.at(partition, offsets, RECORD_BYTES_AT_ONCE)


def _end(message: Message) -> dict[int, int]:
    error = message.error()
    if error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 - the client's own name for it
        return {message.partition(): message.offset()}
    if kind_of(error) in (ErrorKind.FENCED, ErrorKind.FATAL):
        raise RestartNeeded(error.str())
    log.warning("labels cannot be read now", error=error.str())
    return {}
