"""What Winnow asks of librdkafka: the project's defaults, and the few settings that nobody may change."""

from collections.abc import Mapping
from typing import Any

from winnow.runtime.errors import UsageError
from winnow_schemas.topics import MAX_MESSAGE_BYTES

_FIXED = {
    "enable_auto_commit": "offsets are committed inside transactions",
    "enable_auto_offset_store": "offsets are committed inside transactions",
    "enable_idempotence": "without it records are doubled",
    "isolation_level": "aborted transactions must stay invisible",
    "partitioner": "a record's messages must lie in the same partition number for every client",
    "group_id": "groups are named after the prefix and the service",
    "transactional_id": "transactions are named after the prefix, the service and WINNOW_SLOT",
}
_CLASSIC_GROUPS_ONLY = ("session.timeout.ms", "heartbeat.interval.ms", "partition.assignment.strategy")
_GROUPS_ONLY = frozenset(
    {
        *_CLASSIC_GROUPS_ONLY,
        "group.protocol",
        "group.remote.assignor",
        "max.poll.interval.ms",
        "fetch.queue.backoff.ms",
        "fetch.wait.max.ms",
        "fetch.min.bytes",
        "queued.max.messages.kbytes",
    }
)

TRANSACTION_TIMEOUT_MS = 15_000
_FRAMING_BYTES = 64 * 1024


def librdkafka_key(key: str) -> str:
    """Librdkafka's spelling of a key written with underscores: dots, but for one."""
    return key if key == "log_level" else key.replace("_", ".")


def refuse_fixed(kafka: Mapping[str, str]) -> None:
    """Raises `UsageError` when a setting would break what Winnow promises."""
    for key, why in _FIXED.items():
        if key in kafka:
            raise UsageError(f"kafka.{key} cannot be set ({why}): remove it (or WINNOW_KAFKA__{key.upper()})")


def consumer(given: Mapping[str, str], broker: str, group: str) -> dict[str, Any]:
    """For a member of `group`. The embedded broker makes joining take half of the session's time-out."""
    config: dict[str, Any] = {
        **_connection(),
        "group.id": group,
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "isolation.level": "read_committed",
        "auto.offset.reset": "earliest",
        "partition.assignment.strategy": "cooperative-sticky",
        "session.timeout.ms": 6_000 if broker == "tansu" else 10_000,
        "heartbeat.interval.ms": 1_500 if broker == "tansu" else 2_500,
        "max.poll.interval.ms": 120_000,
        "fetch.queue.backoff.ms": 5,
        "fetch.wait.max.ms": 10,
        "queued.max.messages.kbytes": 8_192,  # of what is fetched ahead: as much as the processor's caches hold
        **given,
    }
    if given.get("group.protocol") == "consumer":  # KIP-848: the broker decides these
        for key in _CLASSIC_GROUPS_ONLY:
            config.pop(key, None)
    return config


def producer(given: Mapping[str, str], transactional_id: str | None) -> dict[str, Any]:
    """Idempotent always, transactional when it has an id."""
    config: dict[str, Any] = {
        **_connection(),
        "enable.idempotence": True,
        "acks": "all",
        "partitioner": "murmur2_random",
        "linger.ms": 5,
        "retry.backoff.ms": 2,  # of a transaction right after another; the client's 100 stall each one
        "message.max.bytes": MAX_MESSAGE_BYTES + _FRAMING_BYTES,
    }
    if transactional_id is not None:
        config |= {"transactional.id": transactional_id, "transaction.timeout.ms": TRANSACTION_TIMEOUT_MS}
    return {**config, **_without_group_keys(given)}


def admin(given: Mapping[str, str]) -> dict[str, Any]:
    """For looking after topics."""
    return {**_connection(), **_without_group_keys(given)}


def _without_group_keys(given: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in given.items() if key not in _GROUPS_ONLY}


def _connection() -> dict[str, Any]:
    return {
        "client.id": "winnow",
        "reconnect.backoff.ms": 50,
        "reconnect.backoff.max.ms": 1_000,
        "socket.keepalive.enable": True,
        "statistics.interval.ms": 0,
    }
