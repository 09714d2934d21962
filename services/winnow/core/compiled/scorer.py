"""Scoring batches of records with a compiled model."""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from winnow.core.compiled.compiled_model import Compiled
from winnow.core.compiled.deltas import Delta, all_rows, apply, require_next
from winnow.core.compiled.gaussian_models import GaussianScoring
from winnow.core.compiled.inputs import Arrays, Floats, Inputs, Meta
from winnow.core.compiled.linear_models import LogisticScoring, SoftmaxScoring
from winnow.core.compiled.probabilities import over_labels
from winnow.core.compiled.record_columns import ColumnReader, Columns
from winnow.core.compiled.text_compiler import TABLE, WORDS, parted
from winnow.core.compiled.text_scoring import (
    TextLogisticScoring,
    TextNaiveBayesScoring,
    TextScoring,
    TextSoftmaxScoring,
)
from winnow.core.compiled.tree_scoring import TreeScoring
from winnow_schemas.base import Scores
from winnow_schemas.records import Record

TEXTS_AT_ONCE = 512


class TableScoring(Protocol):
    """A model over columns."""

    def probabilities(self, columns: Columns) -> Floats:
        """A row per record, a column per label."""
        ...


_TABLES: dict[str, Callable[[Meta, Arrays], TableScoring]] = {
    "logistic": LogisticScoring,
    "softmax": SoftmaxScoring,
    "gaussian_naive_bayes": GaussianScoring,
    "hoeffding_tree": TreeScoring,
    "adaptive_random_forest": TreeScoring,
}
_TEXTS: dict[str, Callable[[Meta, Arrays], TextScoring]] = {
    "text_naive_bayes": TextNaiveBayesScoring,
    "text_logistic": TextLogisticScoring,
    "text_softmax": TextSoftmaxScoring,
}


class CompiledScorer:
    """Scores as River's model would. `misfits` counts values of records that the model could not read."""

    def __init__(self, compiled: Compiled) -> None:
        self.kind = compiled.kind
        self.version = compiled.version
        self.digest = compiled.digest
        self.labels = compiled.labels
        self.misfits = 0
        self._has_learned = compiled.learned

    def score(self, records: Sequence[Record]) -> list[Scores | None]:
        """One score per record, in order; None where the model has none."""
        matrix = self.score_matrix(records)
        unfit = set(np.flatnonzero(np.isnan(matrix[:, 0])).tolist())
        scores: list[Scores | None] = [dict(zip(self.labels, row, strict=True)) for row in matrix.tolist()]
        for place in unfit:
            scores[place] = None
        return scores

    def score_matrix(self, records: Sequence[Record]) -> Floats:
        """A row per record, a column per label of `labels`; NaN where the model has no score."""
        scores = np.empty((len(records), len(self.labels)))
        for start in range(0, len(records), self.records_at_once):
            portion = records[start : start + self.records_at_once]
            scores[start : start + len(portion)] = self._portion(portion)
        return scores

    @property
    def records_at_once(self) -> int:
        """How many are scored together."""
        raise NotImplementedError

    def probabilities(self, records: Sequence[Record]) -> Floats:
        """What the model says of some records."""
        raise NotImplementedError

    def advanced(self, delta: Delta) -> "CompiledScorer":
        """The scorer of the next version; raises `ValueError`, and stays as it is, when the delta does not fit."""
        raise NotImplementedError

    def _portion(self, records: Sequence[Record]) -> Floats:
        with np.errstate(all="ignore"):
            said = self.probabilities(records)
            return over_labels(said if self._has_learned else np.zeros_like(said))


class TableScorer(CompiledScorer):
    """For models over features and embeddings."""

    def __init__(self, compiled: Compiled) -> None:
        super().__init__(compiled)
        self._compiled = compiled
        self._reader = ColumnReader(Inputs.of(compiled.task), compiled.meta["values"])
        self._scoring = _TABLES[compiled.kind](compiled.meta, compiled.arrays)

    @property
    def records_at_once(self) -> int:
        """As many as fit into some megabytes."""
        return self._reader.records_at_once

    def probabilities(self, records: Sequence[Record]) -> Floats:
        """What the model says of some records."""
        columns = self._reader.read(records)
        self.misfits += columns.misfits
        return self._scoring.probabilities(columns)

    def advanced(self, delta: Delta) -> CompiledScorer:
        """Another scorer: a table model is small."""
        following = scorer(apply(self._compiled, delta))
        following.misfits = self.misfits
        return following


class TextScorer(CompiledScorer):
    """For models over texts; it can take in deltas."""

    def __init__(self, compiled: Compiled) -> None:
        super().__init__(compiled)
        self._scoring = _TEXTS[compiled.kind](compiled.meta, compiled.arrays)

    @property
    def records_at_once(self) -> int:
        """As many as fit into some megabytes."""
        return TEXTS_AT_ONCE

    def probabilities(self, records: Sequence[Record]) -> Floats:
        """What the model says of some records."""
        return self._scoring.probabilities([record.get("text") or "" for record in records])

    def advanced(self, delta: Delta) -> CompiledScorer:
        """The same scorer, changed in place: what a delta costs follows what it brings."""
        require_next(delta, self.kind, self.version, self.digest)
        try:
            changed = delta.rows.get(TABLE) or all_rows(delta.whole[TABLE])
            self._scoring.change(delta.whole, parted(delta.whole[WORDS]), changed.places, changed.rows)
        except KeyError as error:
            raise ValueError(f"the delta to version {delta.version} brings no {error}") from None
        self.version, self.digest, self._has_learned = delta.version, delta.digest, delta.learned
        return self


def scorer(compiled: Compiled) -> CompiledScorer:
    """A scorer with that model; raises `ValueError` when its arrays do not fit together."""
    about = f"compiled model version {compiled.version}"
    if compiled.kind not in _TABLES.keys() | _TEXTS.keys():
        raise ValueError(f"{about} is of an unknown kind: {compiled.kind}")
    try:
        return TableScorer(compiled) if compiled.kind in _TABLES else TextScorer(compiled)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise ValueError(f"{about} does not add up: {error}") from None
