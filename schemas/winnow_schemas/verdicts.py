"""`verdicts.v1`: the labelled data set, and operators' commands about models at their places in it.

Enough to train and to replay without any other topic.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from winnow_schemas.base import Contract, FunctionVotes, Moment, Probability, Reason
from winnow_schemas.decisions import Decision
from winnow_schemas.records import Record


class Verdict(Contract):
    """The label on which a request was closed. `decision` is absent for seeded records.

    One with `use: trial` is kept back: no model learns it, all are tried on it before one is promoted.

    `answered_at` is the time of the answer that closed it, `at` the time of closing. `answers`
    maps reviewer to label; `agreement` is the share of answers that gave `label`, `weights` tells how far
    each answer counted (1 each by majority; in nats for its label by Dawid & Skene, and then `probability` is
    that of `label`). Of a `gold` request `label` is the one that was known, whatever the answers.
    `function_votes` are told here of seeded records; of others they stand in the decision.
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
    function_votes: FunctionVotes | None = None
    answered_at: Moment
    at: Moment

    @property
    def functions_said(self) -> FunctionVotes | None:
        """What labelling functions said of the record; None when nobody asked them."""
        return self.function_votes if self.decision is None else self.decision.function_votes


def verdict_key(request_id: str, revision: int) -> bytes:
    """Kafka key of a verdict: unique, so that compaction keeps every verdict."""
    return f"{request_id}@{revision}".encode()


class ModelCommand(Contract):
    """What an operator asks of the learner, at its place among the verdicts. The next version obeys it.

    `promote` names the `model` that shall decide, `rollback` the kept `version` to go back to; `train`
    gives out what was learned, where the task says `learn: {every: by_hand}`.
    """

    kind: Literal["command"] = "command"
    command_id: Annotated[str, Field(min_length=1, max_length=100)]
    action: Literal["promote", "rollback", "train"]
    model: str | None = None
    version: int | None = None
    operator: str
    note: str = ""
    at: Moment

    @model_validator(mode="after")
    def _names_what_it_is_about(self) -> Self:
        if (self.model is not None) != (self.action == "promote"):
            raise ValueError("model: a promotion names one, and nothing else does")
        if (self.version is not None) != (self.action == "rollback"):
            raise ValueError("version: a rollback names one, and nothing else does")
        return self


def command_key(command_id: str) -> bytes:
    """Kafka key of a command: unique, so that compaction keeps every command."""
    return f"command/{command_id}".encode()


def _kind(message: Any) -> str:
    kind = message.get("kind") if isinstance(message, dict) else getattr(message, "kind", None)
    return "command" if kind == "command" else "verdict"


Lesson = Annotated[Annotated[Verdict, Tag("verdict")] | Annotated[ModelCommand, Tag("command")], Discriminator(_kind)]
"""What the learner reads: verdicts, which have no `kind`, and commands among them."""
