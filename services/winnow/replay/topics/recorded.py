"""What messages say was decided about a record.

The scorer's own message about a record (auto label, first request, what the budget left, dead letter) is the *first*
telling of a decision; verdicts, unlabelled records and requests opened again repeat it, and a repetition must
say the same. Records put back by a recall or a dispute were not chosen by a coin: what is written of
them afterwards is no decision to recompute.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, NamedTuple

from winnow_schemas.codec import decode
from winnow_schemas.decisions import Decision, Outcome
from winnow_schemas.labels import Label
from winnow_schemas.records import Record
from winnow_schemas.review_requests import ReviewRequest
from winnow_schemas.topics import TopicName
from winnow_schemas.unlabelled import Unlabelled
from winnow_schemas.verdicts import Lesson, ModelCommand, Verdict

Teller = Literal["label", "request", "left", "request again", "verdict", "unlabelled"]
"""What kind of message tells of a decision."""

NOT_BY_COIN = frozenset({"recalled", "disputed", "gold", "seed"})
TOLD_BY_DECISIONS = tuple(name for name in Decision.model_fields if name != "decision_id")
"""All of it: a field that is added later is compared too."""

TOLD_BY_LABELS = (
    "record_id",
    "group",
    "label",
    "propensity",
    "threshold",
    "epoch",
    "policy_version",
    "model_version",
    "confidence",
    "scores",
    "function_votes",
    "decided_at",
)
TOLD_BY_REQUESTS = ("blind", "priority", "suggestion")
SHOWN_SCORES = "scores shown"
"""Those on the request itself; a blind one has none."""


class Position(NamedTuple):
    """Where the record of a decision stands in one incarnation (`stream`) of `records`."""

    stream: str
    partition: int
    offset: int


class Recorded(NamedTuple):
    """One telling. `told` are the fields to compare; `record` is there when the message carries it whole."""

    teller: Teller
    decision_id: str
    outcome: Outcome
    told: Mapping[str, Any]
    record: Record | None

    @property
    def is_first(self) -> bool:
        """Whether this is the scorer's own message."""
        return self.teller in ("label", "request", "left")


def position_of(decision_id: str) -> Position | None:
    """The parts of a decision id; None when it is none, as a seeded verdict's."""
    parts = decision_id.split("/")
    if len(parts) != 3 or not (parts[1].isdecimal() and parts[2].isdecimal()):
        return None
    return Position(parts[0], int(parts[1]), int(parts[2]))


def told_by_label(label: Label) -> Recorded | None:
    """The scorer's label; None for what people, or a recall, made of it."""
    if label.source != "auto":
        return None
    told = {name: getattr(label, name) for name in TOLD_BY_LABELS}
    return Recorded("label", label.decision_id, "auto", told, None)


def told_by_request(request: ReviewRequest) -> Recorded | None:
    """A request: the scorer's, or one that was opened again."""
    if request.reason in NOT_BY_COIN:
        return None
    if request.request_id != request.decision.decision_id:
        return _told("request again", request.decision, request.record)
    shown = {name: getattr(request, name) for name in TOLD_BY_REQUESTS} | {SHOWN_SCORES: request.scores}
    return _told("request", request.decision, request.record, shown)


def told_by_verdict(verdict: Verdict | ModelCommand) -> Recorded | None:
    """A verdict repeats the decision that put the record before people, if one did."""
    if isinstance(verdict, ModelCommand) or verdict.decision is None or verdict.reason in NOT_BY_COIN:
        return None
    return _told("verdict", verdict.decision, verdict.record)


def told_by_unlabelled(unlabelled: Unlabelled) -> Recorded | None:
    """A record that the budget left; one that people left repeats its decision."""
    if unlabelled.reason == "recalled":
        return None
    if unlabelled.reason == "budget":
        return _told_whole("left", unlabelled.decision, unlabelled.record, {})
    return _told("unlabelled", unlabelled.decision, unlabelled.record)


def _told(teller: Teller, decision: Decision, record: Record, more: Mapping[str, Any] | None = None) -> Recorded | None:
    if decision.reason in NOT_BY_COIN or decision.look == "none":
        return None
    return _told_whole(teller, decision, record, more or {})


def _told_whole(teller: Teller, decision: Decision, record: Record, more: Mapping[str, Any]) -> Recorded:
    told = {name: getattr(decision, name) for name in TOLD_BY_DECISIONS} | dict(more)
    if told["votes"] is None:
        del told["votes"]  # a scorer need not send them along
    return Recorded(teller, decision.decision_id, decision.outcome, told, record)


_READ: Final[Mapping[TopicName, Callable[[bytes], Recorded | None]]] = {
    "labels": lambda value: told_by_label(decode(Label, value)),
    "review-requests": lambda value: told_by_request(decode(ReviewRequest, value)),
    "unlabelled": lambda value: told_by_unlabelled(decode(Unlabelled, value)),
    "verdicts": lambda value: told_by_verdict(decode(Lesson, value)),  # type: ignore[arg-type]
}
TELLING: tuple[TopicName, ...] = tuple(_READ)
"""Topics whose messages tell of decisions, those of the scorer first."""


def recorded(topic: TopicName, value: bytes) -> Recorded | None:
    """What one message of such a topic tells, if it tells of a decision; raises `InvalidMessage`."""
    return _READ[topic](value)
