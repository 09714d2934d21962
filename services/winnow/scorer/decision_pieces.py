"""Records and decisions as parts of messages: of a request, or of a record that is left without a label."""

from typing import NamedTuple

from pydantic_core import to_json

from winnow.scorer.decided_batch import DecidedBatch, Some
from winnow.scorer.json_pieces import Piece, beginning, numbers, scores
from winnow_schemas.decisions import Decision

_OF_EACH_DECISION = ("decision_id", "decided_at")


class DecisionBeginning(NamedTuple):
    """What all decisions of one gate and row say alike, and how it is written: the object stays open."""

    said: Decision
    written: bytes


def decision_beginning(batch: DecidedBatch, code: int) -> DecisionBeginning:
    """Of one gate and row; under a budget each record has a propensity of its own."""
    gate, ruling = batch.decision.of_code(code)
    decision = Decision(
        decision_id="",
        label=gate.label,
        audit_rate=gate.rule.audit_rate if gate.rule else None,
        ledger_rate=gate.rule.ledger_rate if gate.rule else None,
        model_version=batch.decision.model_version,
        policy_version=batch.decision.policy_version,
        epoch=gate.rule.epoch if gate.rule else None,
        decided_at=batch.decided_at,
        **ruling._asdict(),
    )
    budgeted = ("propensity",) if batch.decision.chances is not None else ()
    return DecisionBeginning(decision, beginning(decision, without=(*_OF_EACH_DECISION, *budgeted)))


def propensities(some: Some) -> list[Piece]:
    """The field `propensity` where each record has its own; none where the beginning says it."""
    decision = some.batch.decision
    return [] if decision.chances is None else [b',"propensity":', numbers(decision.propensities(some.places))]


def scored(some: Some) -> list[Piece]:
    """What a decision says of a record that has a score."""
    decision, places = some.batch.decision, some.places
    score: list[Piece] = [
        *(b',"scores":', *scores_of(some)),
        *(b',"top_probability":', numbers(decision.top_probabilities[places])),
        *(b',"confidence":', numbers(decision.confidences[places])),
    ]
    if decision.scores.votes is not None:
        score += [b',"votes":', [to_json(decision.scores.votes.of(place)) for place in some.at]]
    return score


def scores_of(some: Some) -> list[Piece]:
    """All scores, in the order of the labels."""
    said = some.batch.decision.scores
    return scores(said.labels, said.table[some.places], len(said.labels))


def records(some: Some) -> list[bytes]:
    """A record that kept its contract is one JSON object as it stands, and means the same inside another.

    It is written anew when it had no id, or may have fields that are null: absent beats null.
    """
    read = some.batch.read
    values = read.messages.values
    written = []
    for place in some.at:
        own = values[place]
        written.append(read.rewritten(place) if own is None or b"null" in own or place in read.unnamed else own)
    return written
