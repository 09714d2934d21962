"""The decision about one record, as it was made: part of requests, verdicts and unlabelled records.

Whoever holds the task's salt can recompute from it which row of the coin's table applied.
"""

from typing import Literal

from winnow_schemas.base import Contract, FunctionVotes, Look, MemberVotes, Moment, Probability, Reason, Scores

Outcome = Literal["auto", "review", "unlabelled"]


class Decision(Contract):
    """Why one record was labelled, reviewed or left, and everything needed to replay that.

    `label`, `scores`, `top_probability` and `confidence` are absent when there was no model (or
    its scores were no probabilities). `threshold` is on the top probability and absent when the
    policy had none for the label. `epoch` is absent when there was no policy. `votes` are there when
    `scores` were pooled from members' votes. `function_votes` are there when the task's labelling functions were
    asked, also when all of them abstained.
    """

    decision_id: str
    reason: Reason
    propensity: Probability
    look: Look
    label: str | None = None
    scores: Scores | None = None
    votes: MemberVotes | None = None
    function_votes: FunctionVotes | None = None
    top_probability: Probability | None = None
    confidence: Probability | None = None
    threshold: Probability | None = None
    audit_rate: Probability | None = None
    ledger_rate: Probability | None = None
    model_version: int
    policy_version: int
    epoch: int | None = None
    decided_at: Moment

    @property
    def outcome(self) -> Outcome:
        """What becomes of the record."""
        if self.look != "none":
            return "review"
        return "unlabelled" if self.reason == "budget" else "auto"
