"""Waits until a fresh broker has made and loaded its internal topics, which takes some seconds."""

from functools import partial

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from tests.support.kafka_topics import make_topic
from tests.support.waiting import eventually

_TOPIC = "warm-up"
_GROUPS = 4


def warm_up(bootstrap: str) -> None:
    """Returns when transactions with offsets work."""
    make_topic(bootstrap, _TOPIC)
    for name in (f"warm-up.{number}" for number in range(_GROUPS)):
        eventually(partial(_transaction_works, bootstrap, name), within_s=90, what="a first transaction")


def _transaction_works(bootstrap: str, name: str) -> bool:
    producer = Producer({"bootstrap.servers": bootstrap, "transactional.id": name, "log_level": 0})
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": name, "log_level": 0})
    try:
        producer.init_transactions(30)
        producer.begin_transaction()
        producer.produce(_TOPIC, b"warm")
        producer.send_offsets_to_transaction([TopicPartition(_TOPIC, 0, 1)], consumer.consumer_group_metadata(), 30)
        producer.commit_transaction(30)
    except KafkaException:
        return False
    finally:
        consumer.close()
    return True
