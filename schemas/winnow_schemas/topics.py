"""The catalogue of topics: who writes, who reads, how long it is kept. Nothing else repeats it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from winnow_schemas.certificates import Certificate
from winnow_schemas.dead_letters import DeadLetter
from winnow_schemas.drift_alarms import DriftAlarm
from winnow_schemas.evidence import Evidence
from winnow_schemas.labels import Label
from winnow_schemas.metrics import Metric
from winnow_schemas.model_reports import ModelMessage
from winnow_schemas.policies import Policy
from winnow_schemas.records import ValidRecord
from winnow_schemas.review_requests import ReviewRequest
from winnow_schemas.review_responses import ReviewResponse
from winnow_schemas.task import Task
from winnow_schemas.unlabelled import Unlabelled
from winnow_schemas.verdicts import Lesson

TopicName = Literal[
    "records",
    "labels",
    "review-requests",
    "review-responses",
    "unlabelled",
    "verdicts",
    "evidence",
    "models",
    "policies",
    "certificates",
    "drift-alarms",
    "metrics",
    "dead-letters",
]
Cleanup = Literal["delete", "compact"]
Kept = Literal["records", "expiry", "evidence", "plain", "forever"]

MAX_MESSAGE_BYTES = 16 * 1024 * 1024
MAX_RECORD_BYTES = 11 * 1024 * 1024
"""What the broker takes: well above the contract, so that a huge message becomes a dead letter
(a third longer in base64) and does not stay with the producer."""

SOON_COMPACTED = (
    ("segment.bytes", str(4 * MAX_MESSAGE_BYTES)),
    ("segment.ms", "600000"),
    ("min.cleanable.dirty.ratio", "0.2"),
)
"""For what is replaced every minute and must be read whole at a start: only closed segments are ever compacted."""


@dataclass(frozen=True)
class Topic:
    """One topic: `partitioned` ones have the deployment's number of partitions, the others 1.

    `more` are Kafka's settings that it has besides.
    """

    name: TopicName
    contract: Any
    key: str
    partitioned: bool
    written_by: tuple[str, ...]
    read_by: tuple[str, ...]
    cleanup: Cleanup
    kept: Kept
    version: int = 1
    more: tuple[tuple[str, str], ...] = ()

    def full_name(self, prefix: str) -> str:
        """Name on the cluster, e.g. `winnow.records.v1`."""
        return f"{prefix}.{self.name}.v{self.version}"

    def partitions(self, partitions: int) -> int:
        """Number of partitions when the deployment has `partitions`."""
        return partitions if self.partitioned else 1

    def config(self, task: Task) -> dict[str, str]:
        """Kafka's topic settings for this task (times in ms, sizes in bytes)."""
        settings = {
            "cleanup.policy": self.cleanup,
            "max.message.bytes": str(self._max_message_bytes()),
            **dict(self.more),
        }
        retention = _retention(self.kept, task)
        if self.cleanup == "compact":
            if retention is not None:
                settings["min.compaction.lag.ms"] = _ms(retention)
        else:
            settings["retention.ms"] = "-1" if retention is None else _ms(retention)
        return settings

    def _max_message_bytes(self) -> int:
        return MAX_RECORD_BYTES if self.name == "records" else MAX_MESSAGE_BYTES


def _ms(span: timedelta) -> str:
    return str(int(span.total_seconds() * 1000))


def _retention(kept: Kept, task: Task) -> timedelta | None:
    longest = max(task.review.expires, task.review.audit_expires)
    return {
        "records": max(task.risk.hold_max + timedelta(days=1), longest + timedelta(days=7)),
        "expiry": longest + timedelta(days=7),
        "evidence": longest + timedelta(days=30),
        "plain": timedelta(days=30),
        "forever": None,
    }[kept]


CATALOGUE: tuple[Topic, ...] = (
    Topic("records", ValidRecord, "record id", True, ("producers",), ("scorer", "review"), "delete", "records"),
    Topic("labels", Label, "record id", True, ("scorer", "review"), ("consumers", "review"), "compact", "expiry"),
    Topic("review-requests", ReviewRequest, "record id", True, ("scorer", "review"), ("review",), "delete", "expiry"),
    Topic(
        "review-responses", ReviewResponse, "record id", True, ("review", "outside"), ("review",), "delete", "expiry"
    ),
    Topic("unlabelled", Unlabelled, "record id", True, ("scorer", "review"), ("consumers",), "delete", "plain"),
    Topic(
        "verdicts",
        Lesson,
        "request id + revision",
        False,
        ("review", "seed", "operators"),
        ("learner",),
        "compact",
        "forever",
    ),
    Topic(
        "evidence",
        Evidence,
        "none",
        False,
        ("scorer", "review", "learner", "operators"),
        ("monitor", "review"),
        "delete",
        "evidence",
    ),
    Topic(
        "models",
        ModelMessage,
        "slot, or slot + version + chunk, or report/NAME",
        False,
        ("learner",),
        ("scorer", "dashboard"),
        "compact",
        "forever",
        more=SOON_COMPACTED,
    ),
    Topic("policies", Policy, "current, version/N", False, ("monitor",), ("scorer", "dashboard"), "compact", "forever"),
    Topic(
        "certificates",
        Certificate,
        "task",
        False,
        ("monitor",),
        ("consumers", "review", "dashboard"),
        "compact",
        "forever",
    ),
    Topic("drift-alarms", DriftAlarm, "task", False, ("monitor",), ("learner", "dashboard"), "delete", "plain"),
    Topic(
        "metrics",
        Metric,
        "family + source",
        False,
        ("scorer", "review", "learner", "monitor"),
        ("dashboard",),
        "delete",
        "plain",
    ),
    Topic("dead-letters", DeadLetter, "source position", True, ("all",), ("operators",), "delete", "plain"),
)

_BY_NAME = {topic.name: topic for topic in CATALOGUE}


def topic(name: TopicName) -> Topic:
    """The catalogue's entry of that name."""
    return _BY_NAME[name]


@dataclass(frozen=True)
class Topics:
    """Full names on one cluster: `Topics("winnow")["records"]` is `winnow.records.v1`."""

    prefix: str = "winnow"

    def __getitem__(self, name: TopicName) -> str:
        return topic(name).full_name(self.prefix)
