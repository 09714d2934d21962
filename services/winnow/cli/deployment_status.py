"""What the topics say about a deployment now."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import AdminClient

from winnow.cli.metrics_feed import MetricsBoard
from winnow.cli.monitor_statements import Statements, StatementsFeed
from winnow.cli.status_words import time_of
from winnow.cli.topic_reader import TopicReader
from winnow.runtime.messages import Incoming
from winnow.runtime.settings import Settings
from winnow.runtime.snapshot_slots import CHAMPION, is_manifest, is_of_champion
from winnow.runtime.standing_models import standing
from winnow_schemas.base import Contract
from winnow_schemas.codec import InvalidMessage, decode
from winnow_schemas.metrics import Family
from winnow_schemas.models import ModelManifest

ASK_S = 10.0
METRICS_LOOKED_AT = 500


@dataclass(frozen=True)
class DeploymentStatus:
    """What the monitor says, the models, lag by group, the queue's newest figures, and how far recalls are."""

    said: Statements
    models: list[tuple[str, str, int, int, str]]
    lag: dict[str, int]
    queue: dict[str, dict[str, Any]] | None

    @property
    def recalls(self) -> dict[str, int | None]:
        """Withdrawn labels whose recall review has yet to write, and recalled ones that wait for people."""
        return {"waiting": self._sum("recalls_waiting"), "open": self._sum("open_recalled")}

    def _sum(self, name: str) -> int | None:
        found = [int(values[name]) for values in (self.queue or {}).values() if name in values]
        return sum(found) if found else None

    def as_values(self) -> dict[str, Any]:
        """For programs."""
        names = ("slot", "name", "version", "learned", "at")
        said = self.said
        return {
            "policy": _as_json(said.policy),
            "certificate": _as_json(said.certificate),
            "alarms": len(said.alarms),
            "last_alarm": _as_json(said.alarms[-1] if said.alarms else None),
            "recalls": self.recalls,
            "models": [dict(zip(names, model, strict=True)) for model in self.models],
            "lag": self.lag,
            "queue": self.queue,
        }


def read_status(settings: Settings) -> DeploymentStatus:
    """Ask topics and groups; nothing is committed."""
    with StatementsFeed(settings) as statements:
        said = statements.said
    return DeploymentStatus(
        said=said,
        models=list(_models(_all(settings, settings.topics["models"]))),
        lag=_lag(settings),
        queue=_newest_of_family(settings, "queue"),
    )


def _as_json(message: Contract | None) -> dict[str, Any] | None:
    return message.model_dump(mode="json", exclude_none=True) if message else None


def _newest_of_family(settings: Settings, family: Family) -> dict[str, Any] | None:
    with TopicReader(settings, (settings.topics["metrics"],), "beginning") as reader:
        reader.rewind_to_last(METRICS_LOOKED_AT)
        board = MetricsBoard()
        board.take(reader.read_to_end())
    return board.of(family) or None


def _all(settings: Settings, topic: str) -> Iterator[Incoming]:
    with TopicReader(settings, (topic,), "beginning") as reader:
        yield from reader.read_to_end()


def _decoded(contract: Any, message: Incoming) -> Any:
    try:
        return decode(contract, message.value or b"")
    except InvalidMessage:
        return None


def _models(messages: Iterable[Incoming]) -> Iterator[tuple[str, str, int, int, str]]:
    """The newest of each model in use; a delta tells of the champion too."""
    newest: dict[str, ModelManifest] = {}
    for message in standing(messages, lambda slot: not slot.startswith(("kept/", "state/"))):
        manifest = _decoded(ModelManifest, message) if is_manifest((message.key or b"").decode()) else None
        if manifest is None or (message.key or b"").decode() != manifest.slot:
            continue
        slot = CHAMPION if is_of_champion(manifest.slot) else manifest.slot
        if slot not in newest or manifest.version >= newest[slot].version:
            newest[slot] = manifest
    for slot, manifest in sorted(newest.items()):
        yield slot, manifest.name, manifest.version, manifest.learned, time_of(manifest.at)


def _lag(settings: Settings) -> dict[str, int]:
    client = AdminClient(settings.admin_config())
    listing = client.list_consumer_groups(request_timeout=ASK_S).result()
    groups = [group.group_id for group in listing.valid if group.group_id.startswith(settings.prefix)]
    consumer = Consumer(settings.consumer_config(f"{settings.prefix}.cli"))
    try:
        return {group: sum(_behind(consumer, entry) for entry in _committed(client, group)) for group in groups}
    finally:
        consumer.close()


def _committed(client: AdminClient, group: str) -> list[TopicPartition]:
    asked = [ConsumerGroupTopicPartitions(group)]
    found = client.list_consumer_group_offsets(asked, request_timeout=ASK_S)[group].result()
    return [entry for entry in found.topic_partitions if entry.offset >= 0]


def _behind(consumer: Consumer, committed: TopicPartition) -> int:
    _, end = consumer.get_watermark_offsets(committed, timeout=ASK_S)
    return max(0, int(end) - int(committed.offset))
