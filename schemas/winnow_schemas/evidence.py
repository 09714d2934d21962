"""`evidence.v1`: what the monitor hears, in one order: counts, closings, operators' commands, changes of the model."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from winnow_schemas.base import Contract, Look, MemberVotes, Moment, Probability, Reason

Closing = Literal["right", "wrong", "expired", "skipped", "unreadable", "withdrawn", "reopened"]
"""How a request ended, against the machine's label; `reopened` takes a closing back for now."""

Action = Literal["recall", "halt", "resume", "alarm"]
"""What an operator asks for: take released labels back; stop labelling, and go on; take back what
is not released and begin a new epoch."""

Change = Literal["promoted", "rolled_back", "withheld", "given_out"]
"""What may happen to the model that decides."""


class CastVotes(Contract):
    """What each member of a committee said when a record was decided: log-probabilities in the order of `labels`."""

    labels: list[str]
    members: MemberVotes

    @model_validator(mode="after")
    def _has_a_vote_per_label(self) -> Self:
        if any(len(votes) != len(self.labels) for votes in self.members.values()):
            raise ValueError("members: one vote per label is wanted")
        return self


class Pooling(Contract):
    """What a committee pools votes with: how much each member's count, and what is added for each label."""

    members: dict[str, float]
    labels: dict[str, float]


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
    without a score. `reasons` counts all decisions by reason. `pooling` is that of the model of this
    version, where it is a committee; it is said when the version is new to this scorer's counts. `model_since` is the
    first version of the model that decided. `resumed` is
    what the scorer remembered of the partition's budget when it began at `from`.
    """

    kind: Literal["counts"] = "counts"
    stream: str
    partition: int
    first: Annotated[int, Field(alias="from")]
    end: Annotated[int, Field(alias="to")]
    policy_version: int
    model_version: int
    model_since: int = 0
    labels: dict[str, LabelCounts] = {}
    no_model: int = 0
    unlabelled: int = 0
    dead: int = 0
    reasons: dict[str, int] = {}
    pooling: Pooling | None = None
    resumed: str | None = None
    at: Moment


class Closed(Contract):
    """How one request ended. No record in it.

    `revision` is 1 for the first closing of a request and grows with each change of it. `known_wrong`
    is for gold requests only: whether the label that is known says that the machine's is wrong. `votes`
    are those of the decision, where its scores were pooled.
    `response_id` names the answer that closed it.
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
    votes: CastVotes | None = None
    response_id: str | None = None
    decided_at: Moment
    at: Moment


class Command(Contract):
    """What an operator asks of the monitor. The same `command_id` again changes nothing.

    A recall names the policy versions from `first` (on the wire `from`) to `last` (on the wire `to`),
    both included; the other actions name none.
    """

    kind: Literal["command"] = "command"
    command_id: Annotated[str, Field(min_length=1, max_length=100)]
    action: Action
    first: Annotated[int | None, Field(alias="from")] = None
    last: Annotated[int | None, Field(alias="to")] = None
    operator: str
    note: str = ""
    at: Moment

    @model_validator(mode="after")
    def _names_versions_for_a_recall(self) -> Self:
        if self.action != "recall":
            if self.first is not None or self.last is not None:
                raise ValueError(f"from, to: a command to {self.action} names no policy versions")
        elif self.first is None or self.last is None or self.first > self.last:
            raise ValueError("from, to: a recall names the policy versions it is about, the first one first")
        return self


class ModelChange(Contract):
    """What happened to the model that decides, from the transaction of the learner that made it so.

    `promoted` and `rolled_back`: versions from `model_version` on are another model, called `name`.
    `withheld`: newer versions became worse than `model_version` and are not given out; `given_out`: they
    are again.
    """

    kind: Literal["model"] = "model"
    change: Change
    name: str
    model_version: int
    note: str = ""
    at: Moment


Evidence = Annotated[Counts | Closed | Command | ModelChange, Field(discriminator="kind")]
"""Any kind of evidence."""
