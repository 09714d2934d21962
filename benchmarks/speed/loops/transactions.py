"""A transactional loop of a few lines: read committed, produce, commit with the offsets, exactly once.

The batch policy and the client's settings are those of Winnow's scorer. What is left out is what Winnow's loop does
beside that: fencing, rebalances, retries, stalls, dead letters.
"""

import gc
from collections.abc import Callable, Sequence

from confluent_kafka import Consumer, Message, Producer, TopicPartition

from benchmarks.speed.pipeline import Pipeline
from winnow.runtime import kafka_defaults

BATCH, WAIT_S = 2_000, 0.03
"""The policy of the scorer's loop, as a test sees to."""

Produce = Callable[[str, bytes, bytes], None]
"""Topic, value, key."""

Handle = Callable[[Sequence[Message], Produce], None]


def run(pipeline: Pipeline, handle: Handle) -> None:
    """Until the process is ended."""
    consumer = Consumer(kafka_defaults.consumer({"bootstrap.servers": pipeline.bootstrap}, "kafka", pipeline.group))
    producer = Producer(
        {
            **kafka_defaults.producer({"bootstrap.servers": pipeline.bootstrap}, f"{pipeline.group}.0"),
            "delivery.report.only.error": True,
        }
    )
    producer.init_transactions(30)
    consumer.subscribe([pipeline.records])
    _calm_the_collector()
    while True:
        if messages := consumer.consume(BATCH, WAIT_S):
            _transaction(consumer, producer, messages, handle)
        producer.poll(0)


def _transaction(consumer: Consumer, producer: Producer, messages: Sequence[Message], handle: Handle) -> None:
    producer.begin_transaction()
    handle(messages, producer.produce)
    ends = {(message.topic(), message.partition()): message.offset() + 1 for message in messages}
    offsets = [TopicPartition(topic, number, offset) for (topic, number), offset in ends.items()]
    producer.send_offsets_to_transaction(offsets, consumer.consumer_group_metadata(), 10)
    producer.commit_transaction(10)


def _calm_the_collector() -> None:
    """As Winnow's services do."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
