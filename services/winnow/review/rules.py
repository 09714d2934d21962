"""The task's rules of review, as one frozen object."""

from dataclasses import dataclass
from datetime import timedelta

from winnow.review.answers import AnswerRule
from winnow_schemas.task import Consensus, Task

MAX_LABEL_CHARS = 100


@dataclass(frozen=True, slots=True)
class ReviewRules:
    """Which labels there are, when an answer closes a request, how long requests and leases live."""

    labels: tuple[str, ...]
    open_labels: bool
    answer_rule: AnswerRule
    lease: timedelta
    expires: timedelta
    audit_expires: timedelta
    recall_max_open: int
    max_open: int
    consensus: Consensus
    least_accuracy: float
    gold_share: float

    def knows(self, label: str) -> bool:
        """Whether reviewers may give this label."""
        return label in self.labels or (self.open_labels and 0 < len(label.strip()) <= MAX_LABEL_CHARS)

    def lifetime(self, *, is_audit: bool) -> timedelta:
        """How long a request that is opened now stays open."""
        return self.audit_expires if is_audit else self.expires


def rules_of(task: Task) -> ReviewRules:
    """What the task file says about review."""
    review = task.review
    return ReviewRules(
        labels=task.labels,
        open_labels=task.open_labels,
        answer_rule=AnswerRule(review.answers, review.max_skips),
        lease=review.lease,
        expires=review.expires,
        audit_expires=review.audit_expires,
        recall_max_open=review.recall_max_open,
        max_open=review.max_open,
        consensus=review.consensus,
        least_accuracy=review.least_accuracy,
        gold_share=review.gold_share,
    )
