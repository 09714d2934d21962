"""What all contracts share: strictness, time and the words that have a fixed set of values."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("a time between the years 1 and 9999 in UTC is wanted") from None


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""A point in time: RFC 3339 on the wire, always UTC in memory."""

Probability = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
Scores = dict[str, Probability]
"""The model's probability for each label."""

MemberVotes = dict[str, list[Annotated[float, Field(le=0.0, allow_inf_nan=False)]]]
"""Of each member of a committee its log-probabilities, in the order of the scores; only zeros: it abstained."""

FunctionVotes = dict[str, str]
"""Of each labelling function that voted the label it gave; who is not named abstained, whatever the reason."""

NO_POLICY = -1
"""Policy version of a decision that was made without any policy."""

NO_MODEL = -1
"""Model version of a decision that was made without any model."""

Reason = Literal[
    "confident",
    "cold",
    "uncertain",
    "novel",
    "audit",
    "suspended",
    "stale",
    "disputed",
    "recalled",
    "gold",
    "seed",
    "budget",
    "expired",
]
"""Why a decision came out as it did."""

State = Literal["cold", "building", "probation", "auto", "suspended", "halted"]
"""States of the gate; only `probation` and `auto` let the machine label."""

Look = Literal["none", "review", "extra", "ledger"]
"""How people come to see a record: not at all, because the machine was unsure (`review`), by an
extra audit that only informs the gate, or by an audit that counts in the ledger."""


class Contract(BaseModel):
    """A message of a public topic. Unknown fields are kept for consumers' sake; nulls never travel."""

    model_config = ConfigDict(
        extra="allow", frozen=True, allow_inf_nan=False, protected_namespaces=(), populate_by_name=True
    )
