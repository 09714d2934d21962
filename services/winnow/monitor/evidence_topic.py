"""The evidence topic as it is now: offsets mean something within one incarnation of it only."""

from typing import NamedTuple

from confluent_kafka import KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from winnow.runtime.errors import TransientError
from winnow.runtime.settings import Settings

_ASK_WITHIN_S = 15.0


class EvidenceTopic(NamedTuple):
    """Kafka's own id of the topic (another one when it is made anew), and the first offset that is there."""

    id: str
    first: int


def look(settings: Settings) -> EvidenceTopic:
    """Ask the cluster; raises `TransientError` when it does not tell."""
    name = settings.topics["evidence"]
    client = AdminClient(settings.admin_config())
    partition = TopicPartition(name, 0)
    described = client.describe_topics(TopicCollection([name]), request_timeout=_ASK_WITHIN_S)
    earliest = client.list_offsets({partition: OffsetSpec.earliest()}, request_timeout=_ASK_WITHIN_S)
    try:
        return EvidenceTopic(str(described[name].result().topic_id), earliest[partition].result().offset)
    except KafkaException as error:
        raise TransientError(f"cannot describe {name}: {error.args[0].str()}") from None
