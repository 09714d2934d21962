"""Records of a batch that the budget left without a label, as messages."""

from collections.abc import Iterator

import numpy as np

from winnow.scorer.decided_batch import Beginnings, DecidedBatch, Some
from winnow.scorer.decision_pieces import decision_beginning, propensities, records, scored
from winnow.scorer.json_pieces import Piece, beginning, joined, moment
from winnow.scorer.settings import ScorerSettings
from winnow_schemas.unlabelled import Unlabelled

_OF_EACH_RECORD = ("record_id", "decision_id", "record", "decision", "at")


class UnlabelledMessages:
    """What all of one gate and row say alike is made by the contracts, once; see `json_pieces`."""

    def __init__(self, settings: ScorerSettings) -> None:
        self._settings = settings
        self._beginnings = Beginnings(_beginning)

    def of(self, some: Some) -> Iterator[tuple[Some, list[bytes]]]:
        """The messages of these records, by whether they have a score."""
        has_score = ~np.isnan(some.batch.decision.confidences[some.places])
        for are_alike, score in ((~has_score, _nothing), (has_score, scored)):
            here = np.flatnonzero(are_alike)
            if here.size:
                alike = Some(some.batch, some.places[here])
                yield alike, self._written(alike, score(alike))

    def _written(self, some: Some, score: list[Piece]) -> list[bytes]:
        batch, decision_ids = some.batch, some.decision_ids(self._settings.stream)
        now = moment(batch.decided_at)
        pieces: list[Piece] = [
            *(self._beginnings.of(batch, batch.decision.codes[some.places]), *score, *propensities(some)),
            *some.function_votes,
            *(b',"decision_id":', *decision_ids, b',"decided_at":', now, b'},"record_id":', some.ids),
            *(b',"decision_id":', *decision_ids, b',"record":', records(some), b',"at":', now, b"}"),
        ]
        return joined(pieces, len(some.places))


def _nothing(_some: Some) -> list[Piece]:
    return []


def _beginning(batch: DecidedBatch, code: int) -> bytes:
    """It ends inside of `decision`."""
    decision = decision_beginning(batch, code)
    left = Unlabelled(
        record_id="", decision_id="", record={}, reason="budget", decision=decision.said, at=batch.decided_at
    )
    return beginning(left, without=_OF_EACH_RECORD) + b',"decision":' + decision.written
