"""What a scorer needs to know, frozen at the start."""

from dataclasses import dataclass
from datetime import timedelta

from winnow.runtime.admin import stream_id
from winnow.runtime.settings import Settings
from winnow_schemas.task import Task
from winnow_schemas.topics import Topics


@dataclass(frozen=True, slots=True)
class ScorerSettings:
    """`stream` names the incarnation of `records`; `heartbeat_s` is how often an idle partition is counted."""

    task: Task
    topics: Topics
    stream: str
    salt: str
    salt_id: str
    heartbeat_s: float = 0.9
    labels_with_scores: int = 5

    def expires_after(self, *, audit: bool) -> timedelta:
        """How long a review request stays open."""
        return self.task.review.audit_expires if audit else self.task.review.expires


def scorer_settings(settings: Settings) -> ScorerSettings:
    """From the deployment's settings; asks the cluster for the stream's id."""
    return ScorerSettings(
        task=settings.task,
        topics=settings.topics,
        stream=stream_id(settings),
        salt=settings.salt,
        salt_id=settings.salt_id,
    )
