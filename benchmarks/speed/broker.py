"""One real Kafka for all runs, on a core of its own, and the topics of a run on it."""

import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka import OFFSET_INVALID, Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from tests.support.kafka_broker import THOROUGH, KafkaBroker
from tests.support.kafka_jars import KAFKA_VERSION, BrokerUnavailable
from tests.support.kafka_topics import make_topic
from tests.support.warm_up import warm_up

from benchmarks.speed.processor import BROKER_CORE, CLIENT_CORE, take_core
from winnow.runtime.errors import UsageError

__all__ = ["KAFKA_VERSION", "PARTITIONS", "Cluster", "pinned_cluster", "running_cluster"]

PARTITIONS = 4
_WITHIN_S = 30.0
_PASSING = {
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.NOT_COORDINATOR,
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.UNKNOWN_TOPIC_OR_PART,
}
"""What the broker says of topics and groups that were just made."""


@dataclass(frozen=True)
class Cluster:
    """The broker that runs, and a folder for whatever belongs to its runs."""

    bootstrap: str
    folder: Path

    def make_topics(self, names: Sequence[str]) -> None:
        """New topics of four partitions."""
        for name in names:
            make_topic(self.bootstrap, name, PARTITIONS)

    def forget_topics(self, names: Sequence[str]) -> None:
        """They and what is in them are gone."""
        admin = self._admin()
        for gone in admin.delete_topics(list(names), operation_timeout=_WITHIN_S).values():
            gone.result(_WITHIN_S)

    def topics(self, prefix: str) -> list[str]:
        """Names of those that begin like this."""
        return [name for name in self._admin().list_topics(timeout=_WITHIN_S).topics if name.startswith(prefix)]

    def forget_group(self, group: str) -> None:
        """A group that reads from the beginning again; nothing happens when there is none."""
        admin = self._admin()
        for gone in admin.delete_consumer_groups([group]).values():
            try:
                gone.result(_WITHIN_S)
            except KafkaException as error:
                if error.args[0].name() != "GROUP_ID_NOT_FOUND":
                    raise

    def fill(self, topic: str, messages: Iterable[tuple[bytes | None, bytes | None]]) -> None:
        """Produce keys and values, as Winnow's clients partition them, and wait until all are there."""
        producer = Producer(
            {
                "bootstrap.servers": self.bootstrap,
                "partitioner": "murmur2_random",
                "linger.ms": 20,
                "message.max.bytes": 20_000_000,
            }
        )
        for key, value in messages:
            while True:
                try:
                    producer.produce(topic, value, key)
                    break
                except BufferError:
                    producer.poll(0.05)
        if producer.flush(2 * _WITHIN_S):
            raise KafkaException(f"{topic}: not all was taken")

    def _admin(self) -> AdminClient:
        return AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 2})


class Committed:
    """How many records of a topic a group has committed."""

    def __init__(self, cluster: Cluster, group: str, topic: str) -> None:
        self._consumer = Consumer({"bootstrap.servers": cluster.bootstrap, "group.id": group, "log_level": 2})
        self._partitions = [TopicPartition(topic, number) for number in range(PARTITIONS)]
        self._seen = 0

    def count(self) -> int:
        """Up to now."""
        try:
            found = self._consumer.committed(self._partitions, _WITHIN_S)
        except KafkaException as error:
            if error.args[0].code() not in _PASSING:
                raise
        else:
            self._seen = sum(each.offset for each in found if each.offset != OFFSET_INVALID)
        return self._seen

    def close(self) -> None:
        """Let go of the broker."""
        self._consumer.close()


class Written:
    """How many messages some topics hold; of transactional writers a few more, for their commits count too."""

    def __init__(self, cluster: Cluster, topics: Sequence[str]) -> None:
        self._consumer = Consumer({"bootstrap.servers": cluster.bootstrap, "group.id": "speed", "log_level": 2})
        self._partitions = [TopicPartition(topic, number) for topic in topics for number in range(PARTITIONS)]
        self._seen = 0

    def count(self) -> int:
        """Up to now."""
        try:
            self._seen = sum(self._consumer.get_watermark_offsets(each, _WITHIN_S)[1] for each in self._partitions)
        except KafkaException as error:
            if error.args[0].code() not in _PASSING:
                raise
        return self._seen

    def close(self) -> None:
        """Let go of the broker."""
        self._consumer.close()


@contextmanager
def pinned_cluster() -> Iterator[Cluster]:
    """The broker and this process on one core, so that the other is free for who is measured."""
    before = os.sched_getaffinity(0)
    if not {BROKER_CORE, CLIENT_CORE} <= before:
        raise UsageError("two cores are needed: one for the broker and one for the client that is measured")
    take_core(BROKER_CORE)
    try:
        with running_cluster() as cluster:
            yield cluster
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """A broker with nothing in it; raises `UsageError` where Java or Maven is missing."""
    with tempfile.TemporaryDirectory(prefix="winnow-speed-") as folder:
        directory = Path(folder)
        (directory / "kafka").mkdir()
        try:
            broker = KafkaBroker(directory / "kafka", THOROUGH)
            broker.start()
        except BrokerUnavailable as reason:
            raise UsageError(f"the benchmark needs a real Kafka: {reason}") from None
        try:
            warm_up(broker.bootstrap)
            yield Cluster(broker.bootstrap, directory)
        finally:
            broker.stop()
