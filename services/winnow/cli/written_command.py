"""Writes one command to the topic in which its service reads, and says where it stands."""

from confluent_kafka import KafkaError, Message, Producer

from winnow.cli.failures import CommandFailed
from winnow.runtime.messages import Outgoing
from winnow.runtime.settings import Settings

WRITTEN_WITHIN_S = 30.0


def written(settings: Settings, command: Outgoing) -> int:
    """Its offset; raises `CommandFailed` when the broker does not take it."""
    offsets: list[int] = []
    failures: list[KafkaError] = []

    def delivered(error: KafkaError | None, message: Message) -> None:
        if error is not None:
            failures.append(error)
        else:
            offsets.append(int(message.offset()))

    producer = Producer(settings.producer_config(None))
    producer.produce(command.topic, command.value, key=command.key, on_delivery=delivered)
    producer.flush(WRITTEN_WITHIN_S)
    if not offsets:
        why = failures[0].str() if failures else f"no answer within {WRITTEN_WITHIN_S:.0f} s"
        raise CommandFailed(f"the broker did not take the command: {why}; nothing was changed")
    return offsets[0]
