"""The Faust application of the monitor: its settings, its topic, its one table.

At-least-once as Faust does it, made exact by what is kept: see `state_pages`. Acknowledgements are
off; where reading starts stands in the state itself.
"""

from pathlib import Path

import faust
from confluent_kafka.admin import AdminClient
from faust.tables.manager import TableManager
from faust.types import TP

from winnow.monitor.connection import broker_urls, credentials
from winnow.monitor.transport import CommittedOnlyTransport
from winnow.runtime.settings import Settings
from winnow_schemas.topics import MAX_MESSAGE_BYTES

TABLE = "state"
_MOST_AT_ONCE = 250
_MOST_BUNDLES = 128
"""Evidence fetched and not folded yet: at most so many bundles of so many messages."""

_MOST_REPLICAS = 3
_ASK_WITHIN_S = 15.0

_CHANGELOG = {
    "segment.bytes": str(2 * 1024 * 1024),
    "segment.ms": str(10 * 60 * 1000),
    "min.cleanable.dirty.ratio": "0.1",
    "delete.retention.ms": str(60 * 1000),
}
"""Small segments: only closed ones are compacted, and a restart reads all that is not."""


class PromptTableManager(TableManager):  # type: ignore[misc]
    """Faust waits a second before it declares the tables; the conductor waits for that anyway."""

    async def on_start(self) -> None:
        await self._update_channels()
        await self.recovery.start()


def make_app(settings: Settings, session_s: float, datadir: Path) -> faust.App:
    """The application, without its agent and table; `session_s` is the time-out of its membership."""
    app = faust.App(
        f"{settings.prefix}.monitor",
        broker=broker_urls(settings.bootstrap_servers),
        broker_credentials=credentials(settings.kafka),
        broker_session_timeout=session_s,
        broker_heartbeat_interval=session_s / 4,
        broker_commit_interval=1.0,
        broker_max_poll_records=_MOST_AT_ONCE,
        consumer_auto_offset_reset="earliest",
        consumer_group_instance_id=_member(settings),
        consumer_max_fetch_size=4 * 1024 * 1024,
        datadir=datadir,
        processing_guarantee="at_least_once",
        producer_acks=-1,
        producer_linger=0.002,  # the agent waits for a writing of the state twice as long
        producer_max_request_size=MAX_MESSAGE_BYTES,
        store="memory://",
        stream_buffer_maxsize=_MOST_BUNDLES,
        stream_wait_empty=False,
        table_standby_replicas=0,
        TableManager=PromptTableManager,
        topic_disable_leader=True,
        topic_partitions=1,
        topic_replication_factor=_replicas(settings),
        web_enabled=False,
        web_tables_enabled=False,
        worker_redirect_stdouts=False,
    )
    evidence, exact = TP(settings.topics["evidence"], 0), settings.broker == "kafka"
    transport = CommittedOnlyTransport(app.conf.broker_consumer, app, evidence=evidence, idempotent=exact)
    app.transport = app.producer_transport = transport
    return app


def make_table(app: faust.App) -> faust.Table[bytes, bytes]:
    """The one table; everything the monitor keeps is in it."""
    return app.Table(
        TABLE, key_type=bytes, value_type=bytes, partitions=1, extra_topic_configs=_CHANGELOG, recovery_buffer_size=1000
    )


def evidence_topic(app: faust.App, settings: Settings) -> faust.TopicT:
    """Raw bytes, or Faust would skip what it cannot decode."""
    return app.topic(
        settings.topics["evidence"],
        key_type=bytes,
        value_type=bytes,
        key_serializer="raw",
        value_serializer="raw",
        partitions=1,
        acks=False,
        allow_empty=True,
    )


def _member(settings: Settings) -> str | None:
    """A member that keeps its name takes its partition back at once after a kill."""
    return f"{settings.prefix}.monitor.{settings.slot}" if settings.broker == "kafka" else None


def _replicas(settings: Settings) -> int:
    """As for all other topics: what the settings say, else as many as there are brokers, at most 3."""
    if settings.replication:
        return settings.replication
    return min(_MOST_REPLICAS, len(AdminClient(settings.admin_config()).list_topics(timeout=_ASK_WITHIN_S).brokers))
