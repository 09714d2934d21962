"""Turns what the Kafka client consumed into `Incoming`, one by one or as a batch that is read by columns."""

from collections.abc import Iterable, Sequence

from confluent_kafka import Message

from winnow.runtime.messages import Accessors, Batch, Incoming


def _seconds(message: Message) -> float:
    milliseconds: int = message.timestamp()[1]
    return milliseconds / 1000.0


_OF_MESSAGE = Accessors(
    topic=Message.topic,
    partition=Message.partition,
    offset=Message.offset,
    key=Message.key,
    value=Message.value,
    timestamp=_seconds,
    headers=Message.headers,
)


def consumed(messages: Sequence[Message]) -> Batch:
    """Consumed messages without errors."""
    return Batch(messages, _OF_MESSAGE)


def incoming(messages: Iterable[Message]) -> list[Incoming]:
    """The same one by one."""
    return list(consumed(list(messages)))
