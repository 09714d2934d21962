"""Plain topics for tests of the runtime: made, filled and read to the end without Winnow's own code."""

from collections import Counter
from collections.abc import Iterable

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, Message, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from tests.support.waiting import eventually


def make_topic(bootstrap: str, name: str, partitions: int = 1, config: dict[str, str] | None = None) -> str:
    """A new topic, which the broker shows with all its leaders; its name."""
    admin = AdminClient({"bootstrap.servers": bootstrap})
    new = NewTopic(name, num_partitions=partitions, replication_factor=1, config=config or {})
    admin.create_topics([new])[name].result(30)
    eventually(lambda: _is_shown(admin, name, partitions), what=f"topic {name}")
    return name


def _is_shown(admin: AdminClient, name: str, partitions: int) -> bool:
    found = admin.list_topics(name, timeout=30).topics[name].partitions
    return len(found) == partitions and all(each.error is None and each.leader >= 0 for each in found.values())


def fill(bootstrap: str, topic: str, values: Iterable[bytes]) -> None:
    """Produce `values` with themselves as keys, and wait until they are there."""
    producer = Producer(
        {"bootstrap.servers": bootstrap, "partitioner": "murmur2_random", "message.max.bytes": 20_000_000}
    )
    for value in values:
        while True:
            try:
                producer.produce(topic, value, value[:32])
                break
            except BufferError:
                producer.poll(0.1)
    assert producer.flush(60) == 0


def read_all(bootstrap: str, topic: str, isolation: str = "read_committed") -> list[Message]:
    """All messages of a topic as it is now."""
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "reads everything",
            "enable.auto.commit": False,
            "isolation.level": isolation,
            "enable.partition.eof": True,
        }
    )
    partitions = list(consumer.list_topics(topic, timeout=30).topics[topic].partitions)
    consumer.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in partitions])
    unfinished, messages = set(partitions), []
    while unfinished:
        for message in consumer.consume(1000, 0.2):
            if message.error() is None:
                messages.append(message)
            elif message.error().code() == KafkaError._PARTITION_EOF:
                unfinished.discard(message.partition())
    consumer.close()
    return messages


class Tail:
    """Follows a topic and counts the values it has seen; read_committed."""

    def __init__(self, bootstrap: str, topic: str) -> None:
        self.seen: Counter[bytes] = Counter()
        self._consumer = Consumer(
            {
                "bootstrap.servers": bootstrap,
                "group.id": "tail",
                "enable.auto.commit": False,
                "isolation.level": "read_committed",
                "log_level": 0,
            }
        )
        partitions = self._consumer.list_topics(topic, timeout=30).topics[topic].partitions
        self._consumer.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in partitions])

    def has(self, distinct: int) -> bool:
        """Whether so many distinct values are there; looks for new ones."""
        self.seen.update(m.value() for m in self._consumer.consume(1000, 0.05) if m.error() is None)
        return len(self.seen) >= distinct


def values(messages: Iterable[Message]) -> list[bytes]:
    """Their bytes."""
    return [message.value() for message in messages]
