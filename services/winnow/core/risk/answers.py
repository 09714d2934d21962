"""What the closing of a request says about the machine's label, and whether it says anything at all."""

from typing import NamedTuple

from winnow.core.risk.answer_window import Mark
from winnow.core.risk.audit_register import Audit
from winnow.core.voting import Votes
from winnow_schemas.base import Look, Reason
from winnow_schemas.evidence import Closed, Closing

NOT_BY_COIN: frozenset[Reason] = frozenset({"disputed", "recalled", "gold", "seed"})
"""Reasons of requests that no scorer made: they say nothing about the error of auto labels."""


AUDITS: frozenset[Look] = frozenset({"extra", "ledger"})
NOT_WRONG: frozenset[Closing | None] = frozenset({None, "right", "reopened"})


class Answer(NamedTuple):
    """One answer; `version` is the policy's, `propensity` the look's, `first`: it revises no other.

    `votes` are those that the label was pooled from, where a committee decided.
    """

    request: str
    mark: Mark
    version: int
    label: str
    top_probability: float
    propensity: float
    wrong: bool
    audit: bool
    first: bool
    votes: Votes | None = None


def was_chosen_by_coin(closed: Closed) -> bool:
    """Whether a closing can be evidence: a scorer's request about a record that had a label."""
    has_label = closed.predicted is not None and closed.top_probability is not None
    return has_label and closed.look != "none" and closed.reason not in NOT_BY_COIN and closed.propensity > 0.0


def is_answered(closed: Closed) -> bool:
    """Whether people gave a label."""
    return closed.closing in {"right", "wrong"}


def is_first_answer_to_gold(closed: Closed) -> bool:
    """Whether people were put to the test: who takes an answer back and gives another one was tested by the first."""
    return closed.reason == "gold" and is_answered(closed) and request_and_mark(closed)[1].reopened == 0


def request_and_mark(closed: Closed) -> tuple[str, Mark]:
    """The request as it was first made, and which of its closings this is."""
    request, _, opening = closed.request_id.partition("#")
    return request, Mark(int(opening) if opening.isdecimal() else 0, closed.revision)


def answer_of(closed: Closed, request: str, mark: Mark, audit: Audit | None) -> Answer:
    """The answer in a closing that was chosen by coin; `audit` is what came before of a ledger audit."""
    assert closed.predicted is not None
    assert closed.top_probability is not None
    late = audit is not None and not any(state.closing in {"right", "wrong"} for state in audit.states)
    return Answer(
        request=request,
        mark=mark,
        version=closed.policy_version,
        label=closed.predicted,
        top_probability=closed.top_probability,
        propensity=closed.propensity,
        wrong=closed.closing == "wrong",
        audit=closed.look in AUDITS,
        first=mark == Mark(0, 1) or late,
        votes=Votes.from_wire(closed.votes.members, closed.votes.labels) if closed.votes else None,
    )


def unseen_per_audit(closed: Closed) -> float:
    """How many labels that nobody sees there are, in the mean, for each one audited under this policy."""
    rate = closed.audit_rate or closed.propensity
    return (1.0 - rate) / rate
