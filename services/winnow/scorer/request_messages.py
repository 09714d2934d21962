"""Review requests of a batch as messages."""

from collections.abc import Iterator

import numpy as np
from pydantic_core import to_json

from winnow.core.decision import Row
from winnow.core.priority import Showings, showings, silent_ones_first
from winnow.scorer.decided_batch import Beginnings, DecidedBatch, Some
from winnow.scorer.json_pieces import Piece, beginning, joined, moment, numbers, scores
from winnow.scorer.settings import ScorerSettings
from winnow_schemas.codec import encode_record
from winnow_schemas.decisions import Decision
from winnow_schemas.review_requests import ReviewRequest

_OF_EACH_REQUEST = ("request_id", "record", "priority", "decision", "expires_at")
_OF_EACH_DECISION = ("decision_id", "decided_at")
_AUDITS = (Row.EXTRA, Row.LEDGER)
_KINDS = 2
"""Of each gate and row there are requests that are blind, and others."""


class RequestMessages:
    """What all requests of one gate and row say alike is made by the contracts, once; see `json_pieces`."""

    def __init__(self, settings: ScorerSettings) -> None:
        self._settings = settings
        self._beginnings = Beginnings(_beginning)

    def of(self, some: Some) -> Iterator[tuple[Some, list[bytes]]]:
        """The messages of these records, by what is in them: a score or none, and shown or not."""
        shown = self._showings(some)
        scored = ~np.isnan(some.batch.decision.confidences[some.places])
        for are_alike, write in (
            (~scored, self._unscored),
            (scored & shown.blind, self._blind),
            (scored & ~shown.blind, self._open),
        ):
            here = np.flatnonzero(are_alike)
            if here.size:
                alike = Some(some.batch, some.places[here])
                yield alike, write(alike, Showings(shown.blind[here], shown.priorities[here]))

    def _showings(self, some: Some) -> Showings:
        decision, task = some.batch.decision, self._settings.task
        rates = [task.risk.audit_rate if gate.rule is None else gate.rule.audit_rate for gate in decision.gates]
        shown = showings(
            np.isin(decision.rows[some.places], _AUDITS),
            np.array(rates)[decision.tops[some.places]],
            decision.confidences[some.places],
            some.batch.coins.tossed("blind", some.places),
            task.sampling,
        )
        heard = some.batch.heard
        return shown if heard is None else silent_ones_first(shown, np.array([not heard[place] for place in some.at]))

    def _unscored(self, some: Some, shown: Showings) -> list[bytes]:
        return self._written(some, shown, [], [])

    def _blind(self, some: Some, shown: Showings) -> list[bytes]:
        return self._written(some, shown, self._score(some), [])

    def _open(self, some: Some, shown: Showings) -> list[bytes]:
        return self._written(some, shown, self._score(some), [b',"scores":', *_scores(some)])

    def _written(self, some: Some, shown: Showings, score: list[Piece], seen: list[Piece]) -> list[bytes]:
        batch, decision_ids = some.batch, some.decision_ids(self._settings.stream)
        pieces: list[Piece] = [
            *(self._beginnings.of(batch, _KINDS * batch.decision.codes[some.places] + shown.blind), *score),
            *(*some.function_votes, b',"decision_id":', *decision_ids, b',"decided_at":', moment(batch.decided_at)),
            *(b'},"request_id":', *decision_ids, b',"record":', _records(some)),
            *(b',"priority":', numbers(shown.priorities), b',"expires_at":', self._expiries(some), *seen, b"}"),
        ]
        return joined(pieces, len(some.places))

    def _score(self, some: Some) -> list[Piece]:
        decision, places = some.batch.decision, some.places
        score: list[Piece] = [
            *(b',"scores":', *_scores(some)),
            *(b',"top_probability":', numbers(decision.top_probabilities[places])),
            *(b',"confidence":', numbers(decision.confidences[places])),
        ]
        if decision.scores.votes is not None:
            score += [b',"votes":', [to_json(decision.scores.votes.of(place)) for place in some.at]]
        return score

    def _expiries(self, some: Some) -> list[bytes]:
        ordinary, audits = (
            moment(some.batch.decided_at + self._settings.expires_after(audit=audit)) for audit in (False, True)
        )
        return [audits if row in _AUDITS else ordinary for row in some.batch.decision.rows[some.places].tolist()]


def _scores(some: Some) -> list[Piece]:
    said = some.batch.decision.scores
    return scores(said.labels, said.table[some.places], len(said.labels))


def _records(some: Some) -> list[bytes]:
    """A record that kept its contract is one JSON object as it stands, and means the same inside another.

    It is written anew when it had no id, or may have fields that are null: absent beats null.
    """
    read = some.batch.read
    written = []
    for place in some.at:
        own = read.messages[place].value
        if own is None or b"null" in own or place in read.unnamed:
            own = encode_record(read.records[place])
        written.append(own)
    return written


def _beginning(batch: DecidedBatch, kind: int) -> bytes:
    """It ends inside of `decision`."""
    code, blind = divmod(kind, _KINDS)
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
    request = ReviewRequest(
        request_id="",
        record={},
        reason=ruling.reason,
        blind=bool(blind),
        suggestion=None if blind else gate.label,
        priority=0.0,
        decision=decision,
        expires_at=batch.decided_at,
    )
    said = beginning(request, without=_OF_EACH_REQUEST)
    return said + b',"decision":' + beginning(decision, without=_OF_EACH_DECISION)
