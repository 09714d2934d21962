"""Auto labels of a batch as messages."""

from winnow.scorer.decided_batch import Beginnings, DecidedBatch, Some
from winnow.scorer.decision_pieces import propensities
from winnow.scorer.json_pieces import Piece, beginning, joined, moment, numbers, scores
from winnow.scorer.settings import ScorerSettings
from winnow_schemas.labels import Label

_OF_EACH_RECORD = ("record_id", "decision_id", "decided_at", "at")


class LabelMessages:
    """What all labels of one gate say alike is made by the contract, once; see `json_pieces`."""

    def __init__(self, settings: ScorerSettings) -> None:
        self._settings = settings
        self._beginnings = Beginnings(_beginning)

    def of(self, some: Some) -> list[bytes]:
        """The messages of these records, all of which have scores."""
        batch, places = some.batch, some.places
        decision, now = batch.decision, moment(batch.decided_at)
        pieces: list[Piece] = [
            *(self._beginnings.of(batch, decision.codes[places]), b',"record_id":', some.ids),
            *(b',"confidence":', numbers(decision.confidences[places]), b',"scores":'),
            *scores(decision.scores.labels, decision.scores.table[places], self._settings.labels_with_scores),
            *(*propensities(some), *some.function_votes),
            *(b',"decision_id":', *some.decision_ids(self._settings.stream)),
            *(b',"decided_at":', now, b',"at":', now, *some.groups, b"}"),
        ]
        return joined(pieces, len(places))


def _beginning(batch: DecidedBatch, code: int) -> bytes:
    gate, ruling = batch.decision.of_code(code)
    label = Label(
        record_id="",
        label=gate.label,
        source="auto",
        revision=1,
        propensity=ruling.propensity,
        threshold=ruling.threshold,
        decision_id="",
        model_version=batch.decision.model_version,
        policy_version=batch.decision.policy_version,
        epoch=gate.rule.epoch if gate.rule else None,
        decided_at=batch.decided_at,
        at=batch.decided_at,
    )
    budgeted = ("propensity",) if batch.decision.chances is not None else ()
    return beginning(label, without=(*_OF_EACH_RECORD, *budgeted))
