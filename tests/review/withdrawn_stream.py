"""A labelled stream on a broker, part of which is withdrawn: records, evidence, labels and certificates."""

import json
import time
from collections.abc import Iterable

from confluent_kafka import Consumer, Producer, TopicPartition
from tests.review.review_labels import auto_label, certificate
from tests.review.running_review import RunningReview
from tests.support.kafka_topics import read_all

from winnow_schemas.codec import encode
from winnow_schemas.evidence import Counts
from winnow_schemas.topics import TopicName

TWO_HOURS_MS = 7_200_000


class WithdrawnStream:
    """Writes what scorers and the monitor would write."""

    def __init__(self, review: RunningReview) -> None:
        self._settings = review.settings
        self._producer = Producer(self._settings.producer_config(None))

    def evidence(self, count: int, *, age_ms: int = 0) -> None:
        """So many counts, each a place after which a policy may be named."""
        for _ in range(count):
            counts = Counts(
                stream="streamid",
                partition=0,
                first=0,
                end=0,
                policy_version=0,
                model_version=7,
                at="2024-05-01T12:00Z",
            )
            self._produce("evidence", encode(counts), None, age_ms)
        self._flush()

    def records(self, numbers: Iterable[int]) -> dict[int, str]:
        """Records of these numbers; the id of the decision about each."""
        for number in numbers:
            self._produce(
                "records", json.dumps({"id": f"record-{number}", "text": f"text of record {number}"}).encode(), number
            )
        self._flush()
        messages = read_all(self._settings.bootstrap_servers, self._settings.topics["records"])
        return {
            int(message.key().decode().removeprefix("record-")): f"streamid/{message.partition()}/{message.offset()}"
            for message in messages
        }

    def labels(self, decisions: dict[int, str], version: int, *, age_ms: int = 0) -> None:
        """The machine's labels of them."""
        for number, decision_id in decisions.items():
            label = auto_label(number, version, decision_id=decision_id)
            self._produce("labels", encode(label), number, age_ms)
        self._flush()

    def withdraw(self, version: int, *ranges: tuple[int, int]) -> None:
        """A certificate says so."""
        self._produce("certificates", encode(certificate(version, *ranges)), None)
        self._flush()

    def label_count(self) -> int:
        """How far `labels` goes by now, all partitions together."""
        consumer = Consumer({"bootstrap.servers": self._settings.bootstrap_servers, "group.id": "ends"})
        ends = [TopicPartition(self._settings.topics["labels"], number) for number in range(self._settings.partitions)]
        found = sum(consumer.get_watermark_offsets(end, timeout=10)[1] for end in ends)
        consumer.close()
        return found

    def _produce(self, topic: TopicName, value: bytes, number: int | None, age_ms: int = 0) -> None:
        key = b"spam" if number is None else f"record-{number}".encode()
        at = int(time.time() * 1000) - age_ms
        self._producer.produce(self._settings.topics[topic], value, key, timestamp=at)
        self._producer.poll(0)

    def _flush(self) -> None:
        assert self._producer.flush(30) == 0
