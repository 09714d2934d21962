"""Scoring batches of records with a compiled model."""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from winnow.core.batch_scores import BatchScores
from winnow.core.compiled.committee_scoring import CommitteeScorer
from winnow.core.compiled.compiled_model import Compiled
from winnow.core.compiled.compiled_scorer import CompiledScorer
from winnow.core.compiled.deltas import Delta, all_rows, apply, require_next
from winnow.core.compiled.gaussian_models import GaussianScoring
from winnow.core.compiled.inputs import Arrays, Floats, Inputs, Meta
from winnow.core.compiled.linear_models import LogisticScoring, SoftmaxScoring
from winnow.core.compiled.number_columns import Numbers
from winnow.core.compiled.record_columns import ColumnReader, Columns
from winnow.core.compiled.text_compiler import TABLE, WORDS, parted
from winnow.core.compiled.text_scoring import (
    TextLogisticScoring,
    TextNaiveBayesScoring,
    TextScoring,
    TextSoftmaxScoring,
)
from winnow.core.compiled.tree_scoring import TreeScoring
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
TEXTS: dict[str, Callable[[Meta, Arrays], TextScoring]] = {
    "text_naive_bayes": TextNaiveBayesScoring,
    "text_logistic": TextLogisticScoring,
    "text_softmax": TextSoftmaxScoring,
}


class TableScorer(CompiledScorer):
    """For models over features and embeddings."""

    def __init__(self, compiled: Compiled) -> None:
        super().__init__(compiled)
        self._compiled = compiled
        self._inputs = Inputs.of(compiled.task)
        self._reader = ColumnReader(self._inputs, compiled.meta["values"])
        self._scoring = _TABLES[compiled.kind](compiled.meta, compiled.arrays)

    @property
    def records_at_once(self) -> int:
        """As many as fit into some megabytes."""
        return self._reader.records_at_once

    @property
    def of_numbers(self) -> Callable[[Numbers], BatchScores] | None:
        """What does so, where the task has nothing else."""
        return self._of_numbers if self._inputs.are_numbers else None

    def _of_numbers(self, numbers: Numbers) -> BatchScores:
        self.misfits += numbers.misfits
        with np.errstate(all="ignore"):
            said = self._scoring.probabilities(Columns(numbers.table, [], 0))
            return BatchScores(self.labels, self._over_labels(said))

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
        self._scoring = TEXTS[compiled.kind](compiled.meta, compiled.arrays)

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


_SCORERS: dict[str, Callable[[Compiled], CompiledScorer]] = {
    **dict.fromkeys(_TABLES, TableScorer),
    **dict.fromkeys(TEXTS, TextScorer),
    "committee": CommitteeScorer,
}


def scorer(compiled: Compiled) -> CompiledScorer:
    """A scorer with that model; raises `ValueError` when its arrays do not fit together."""
    about = f"compiled model version {compiled.version}"
    made = _SCORERS.get(compiled.kind)
    if made is None:
        raise ValueError(f"{about} is of an unknown kind: {compiled.kind}")
    try:
        return made(compiled)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise ValueError(f"{about} does not add up: {error}") from None
