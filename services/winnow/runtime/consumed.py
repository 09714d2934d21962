"""Turns what the Kafka client consumed into `Incoming`."""

from confluent_kafka import Message

from winnow.runtime.messages import Incoming


def incoming(message: Message) -> Incoming:
    """A consumed message without error."""
    return Incoming(
        message.topic(),
        message.partition(),
        message.offset(),
        message.key(),
        message.value(),
        message.timestamp()[1] / 1000.0,
        message.headers() or (),
    )
