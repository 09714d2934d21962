"""`policies.v1`: what the monitor tells the scorers."""

from winnow_schemas.base import Contract, Moment, Probability, State


class LabelRule(Contract):
    """The gate of one predicted label, when the task holds its target per label."""

    state: State
    epoch: int
    audit_rate: Probability
    ledger_rate: Probability


class Policy(Contract):
    """Thresholds, audit rates and state.

    `version` is the offset in `evidence` that caused it. `thresholds` maps a predicted label to
    the top probability *above* which the machine may label; a label that is missing never opens.
    `audit_rate` is the total share of such records that people see blind, `ledger_rate` the
    share among those not taken as extra looks (`audit_rate >= ledger_rate`). `open_share` is the
    share of records for which the gate is open at all: below 1 when reviewers could not answer
    more audits. `review_share` is there when the task has a budget: of all records people are asked about
    no more than that share, audits included. A policy older than `valid_until` counts as none. `per_label` is
    there only when the task says so, and then its rates go before the ones of the task. `model_since` is the
    first version of the model that earned the thresholds: they say nothing about one that decides since a later one.
    """

    version: int
    epoch: int
    chapter: int = 1
    state: State
    thresholds: dict[str, Probability] = {}
    audit_rate: Probability
    ledger_rate: Probability
    open_share: Probability = 1.0
    review_share: Probability | None = None
    per_label: dict[str, LabelRule] | None = None
    target: Probability
    confidence: Probability
    model_since: int = 0
    salt_id: str
    at: Moment
    valid_until: Moment
