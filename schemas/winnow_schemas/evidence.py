"""`evidence.v1`: what the monitor learns from: scorers' counts and requests' closings, in one order."""

from typing import Annotated, Literal

from pydantic import Field

from winnow_schemas.base import Contract, Look, Moment, Probability, Reason

Closing = Literal["right", "wrong", "expired", "skipped", "unreadable", "withdrawn", "reopened"]
"""How a request ended, against the machine's label; `reopened` takes a closing back for now."""


class LabelCounts(Contract):
    """What became of the records for which the machine's label was this one."""

    unseen: int = 0
    ledger_audits: int = 0
    extra_audits: int = 0
    reviews: int = 0


class Counts(Contract):
    """What one scorer decided in one transaction, for one partition of `records`.

    Offsets are of `records`: from `first` (on the wire `from`) up to, not including, `end` (on
    the wire `to`). Empty ones (`from` = `to`) say once a second that the partition is served.
    `unlabelled` were left by the budget, `dead` broke their contract, `no_model` were reviewed
    without a score. `reasons` counts all decisions by reason.
    """

    kind: Literal["counts"] = "counts"
    stream: str
    partition: int
    first: Annotated[int, Field(alias="from")]
    end: Annotated[int, Field(alias="to")]
    policy_version: int
    model_version: int
    labels: dict[str, LabelCounts] = {}
    no_model: int = 0
    unlabelled: int = 0
    dead: int = 0
    reasons: dict[str, int] = {}
    at: Moment


class Closed(Contract):
    """How one request ended. No record in it.

    `revision` is 1 for the first closing of a request and grows with each change of it. `known_wrong`
    is for gold requests only: whether the label that is known says that the machine's is wrong.
    """

    kind: Literal["closing"] = "closing"
    request_id: str
    closing: Closing
    revision: int
    reason: Reason
    look: Look
    predicted: str | None = None
    top_probability: Probability | None = None
    propensity: Probability
    audit_rate: Probability | None = None
    ledger_rate: Probability | None = None
    policy_version: int
    model_version: int
    epoch: int | None = None
    known_wrong: bool | None = None
    decided_at: Moment
    at: Moment


Evidence = Annotated[Counts | Closed, Field(discriminator="kind")]
"""Either kind of evidence."""
