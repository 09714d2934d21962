"""`verdicts.v1`: the labelled data set: enough to train and to replay without any other topic."""

from typing import Literal

from winnow_schemas.base import Contract, Moment, Probability, Reason
from winnow_schemas.decisions import Decision
from winnow_schemas.records import Record


class Verdict(Contract):
    """The label on which a request was closed. `decision` is absent for seeded records.

    One with `use: trial` is kept back: no model learns it, all are tried on it before one is promoted.

    `answered_at` is the time of the answer that closed it, `at` the time of closing. `answers`
    maps reviewer to label; `agreement` is the share of answers that gave `label`, `weights` tells how far
    each answer counted (1 each by majority; in nats for its label by Dawid & Skene, and then `probability` is
    that of `label`). Of a `gold` request `label` is the one that was known, whatever the answers.
    """

    request_id: str
    revision: int
    record: Record
    label: str
    reason: Reason
    propensity: Probability
    decision: Decision | None = None
    answers: dict[str, str]
    agreement: Probability
    weights: dict[str, float] | None = None
    probability: Probability | None = None
    use: Literal["trial"] | None = None
    answered_at: Moment
    at: Moment


def verdict_key(request_id: str, revision: int) -> bytes:
    """Kafka key of a verdict: unique, so that compaction keeps every verdict."""
    return f"{request_id}@{revision}".encode()
