"""Review requests of a batch as messages."""

from collections.abc import Iterator

import numpy as np

from winnow.core.batch_scores import Floats
from winnow.core.decision import Row
from winnow.core.priority import Showings, Worths, showings, silent_ones_first
from winnow.core.sampling import Teaching
from winnow.scorer.decided_batch import Beginnings, DecidedBatch, Some
from winnow.scorer.decision_pieces import decision_beginning, propensities, records, scored, scores_of
from winnow.scorer.json_pieces import Piece, beginning, joined, moment, numbers
from winnow.scorer.settings import ScorerSettings
from winnow_schemas.review_requests import ReviewRequest

_OF_EACH_REQUEST = ("request_id", "record", "priority", "decision", "expires_at")
_AUDITS = (Row.EXTRA, Row.LEDGER)
_KINDS = 2
"""Of each gate and row there are requests that are blind, and others."""


class RequestMessages:
    """What all requests of one gate and row say alike is made by the contracts, once; see `json_pieces`."""

    def __init__(self, settings: ScorerSettings) -> None:
        self._settings = settings
        self._teaching = Teaching(settings.task)
        self._beginnings = Beginnings(_beginning)

    def of(self, some: Some) -> Iterator[tuple[Some, list[bytes]]]:
        """The messages of these records, by what is in them: a score or none, and shown or not."""
        shown = self._showings(some)
        has_score = ~np.isnan(some.batch.decision.confidences[some.places])
        for are_alike, write in (
            (~has_score, self._unscored),
            (has_score & shown.blind, self._blind),
            (has_score & ~shown.blind, self._open),
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
            Worths(self._taught(some), self._teaching.by_chance),
            some.batch.coins.tossed("blind", some.places),
        )
        heard = some.batch.heard
        return shown if heard is None else silent_ones_first(shown, np.array([not heard[place] for place in some.at]))

    def _taught(self, some: Some) -> Floats:
        decision = some.batch.decision
        if decision.worths is not None:
            return decision.worths[some.places]
        return self._teaching.of_scores(decision.scores, decision.confidences)[some.places]

    def _unscored(self, some: Some, shown: Showings) -> list[bytes]:
        return self._written(some, shown, [], [])

    def _blind(self, some: Some, shown: Showings) -> list[bytes]:
        return self._written(some, shown, scored(some), [])

    def _open(self, some: Some, shown: Showings) -> list[bytes]:
        return self._written(some, shown, scored(some), [b',"scores":', *scores_of(some)])

    def _written(self, some: Some, shown: Showings, score: list[Piece], seen: list[Piece]) -> list[bytes]:
        batch, decision_ids = some.batch, some.decision_ids(self._settings.stream)
        pieces: list[Piece] = [
            *(self._beginnings.of(batch, _KINDS * batch.decision.codes[some.places] + shown.blind), *score),
            *(*propensities(some), *some.function_votes),
            *(b',"decision_id":', *decision_ids, b',"decided_at":', moment(batch.decided_at)),
            *(b'},"request_id":', *decision_ids, b',"record":', records(some)),
            *(b',"priority":', numbers(shown.priorities), b',"expires_at":', self._expiries(some), *seen, b"}"),
        ]
        return joined(pieces, len(some.places))

    def _expiries(self, some: Some) -> list[bytes]:
        ordinary, audits = (
            moment(some.batch.decided_at + self._settings.expires_after(audit=audit)) for audit in (False, True)
        )
        return [audits if row in _AUDITS else ordinary for row in some.batch.decision.rows[some.places].tolist()]


def _beginning(batch: DecidedBatch, kind: int) -> bytes:
    """It ends inside of `decision`."""
    code, blind = divmod(kind, _KINDS)
    decision = decision_beginning(batch, code)
    request = ReviewRequest(
        request_id="",
        record={},
        reason=decision.said.reason,
        blind=bool(blind),
        suggestion=None if blind else decision.said.label,
        priority=0.0,
        decision=decision.said,
        expires_at=batch.decided_at,
    )
    return beginning(request, without=_OF_EACH_REQUEST) + b',"decision":' + decision.written
