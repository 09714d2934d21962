"""Scoring batches of records with a compiled committee: votes of all members, and scores pooled from them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from winnow.core.batch_scores import BatchScores, BatchVotes, FunctionsHeard
from winnow.core.compiled.committee_functions import COUNTS, CommitteeFunctions
from winnow.core.compiled.committee_tables import CommitteeEmbedding, CommitteeTable, values_of
from winnow.core.compiled.committee_text import CommitteeTexts
from winnow.core.compiled.compiled_model import Compiled
from winnow.core.compiled.compiled_scorer import CompiledScorer
from winnow.core.compiled.deltas import Delta, all_rows, apply
from winnow.core.compiled.inputs import Floats, Inputs
from winnow.core.compiled.record_columns import ColumnReader
from winnow.core.compiled.text_compiler import TABLE, WORDS, parted
from winnow.core.voting import PoolWeights, Votes, pooled_batch
from winnow_schemas.base import FunctionVotes
from winnow_schemas.records import Record

_MOST_AT_ONCE = 512
_NUMBERS_AT_ONCE = 1 << 19


class CommitteeScorer(CompiledScorer):
    """Says what each member votes, and what the votes make; to the last bit as the committee itself does."""

    def __init__(self, compiled: Compiled) -> None:
        super().__init__(compiled)
        inputs = replace(Inputs.of(compiled.task), text=False)
        self._inputs = inputs
        self._texts = CommitteeTexts(compiled.meta, compiled.arrays) if WORDS in compiled.arrays else None
        self._begin(replace(compiled, arrays=_without_words(compiled.arrays)))

    def _begin(self, small: Compiled) -> None:
        """All but the words."""
        table, members = _tables(self._inputs, small), tuple(small.meta["members"])
        functions = CommitteeFunctions(small.meta, small.arrays, self.labels) if COUNTS in small.arrays else None
        parts = [part for part in (self._texts, *table, functions) if part is not None]
        if sum(part.members for part in parts) != len(members) or len(small.arrays["a"]) != len(members):
            raise ValueError(f"there are no votes for the members {', '.join(members)}")
        self._small, self._tables, self._members, self._functions = small, table, members, functions
        self._reader = ColumnReader(self._inputs, values_of(small.meta))
        self._a, self._b = small.arrays["a"], small.arrays["b"]

    @property
    def pooling(self) -> PoolWeights:
        """What votes are pooled with."""
        members = dict(zip(self._members, self._a.tolist(), strict=True))
        return PoolWeights(members, dict(zip(self.labels, self._b.tolist(), strict=True)))

    @property
    def records_at_once(self) -> int:
        """As many as fit into some megabytes."""
        widest = max((part.inputs_a_record for part in self._tables if isinstance(part, CommitteeTable)), default=1)
        fit = _NUMBERS_AT_ONCE // (widest * len(self.labels))
        return max(16, min(self._reader.records_at_once, _MOST_AT_ONCE, fit))

    def score_batch(self, records: Sequence[Record], heard: FunctionsHeard = None) -> BatchScores:
        """Scores and votes, a row per record."""
        logs = np.empty((len(records), len(self._members), len(self.labels)))
        for start in range(0, len(records), self.records_at_once):
            end = start + self.records_at_once
            portion, said = records[start:end], heard[start:end] if heard else [None] * len(records[start:end])
            with np.errstate(all="ignore"):
                logs[start:end] = self._votes(portion, said)
        table = self._pooled(logs)
        return BatchScores(self.labels, table, BatchVotes(self._members, Votes.rounded(logs)))

    def score_matrix(self, records: Sequence[Record]) -> Floats:
        """The scores alone."""
        return self.score_batch(records).table

    def advanced(self, delta: Delta) -> CompiledScorer:
        """The same scorer: words are changed in place, the rest is small."""
        small = apply(self._small, replace(delta, whole=_without_words(delta.whole), rows=_without_words(delta.rows)))
        _tables(self._inputs, small)
        if self._texts is not None:
            try:
                changed = delta.rows.get(TABLE) or all_rows(delta.whole[TABLE])
                self._texts.change(small.meta, small.arrays, parted(delta.whole[WORDS]), changed.places, changed.rows)
            except KeyError as error:
                raise ValueError(f"the delta to version {delta.version} brings no {error}") from None
        self._begin(small)
        self.version, self.digest = delta.version, delta.digest
        return self

    def _votes(self, records: Sequence[Record], heard: Sequence[FunctionVotes | None]) -> Floats:
        columns = self._reader.read(records)
        self.misfits += columns.misfits
        texts = [] if self._texts is None else [self._texts.votes([record.get("text") or "" for record in records])]
        functions = [] if self._functions is None else [self._functions.votes(heard)]
        return np.concatenate([*texts, *(part.votes(columns) for part in self._tables), *functions], axis=1)

    def _pooled(self, logs: Floats) -> Floats:
        with np.errstate(all="ignore"):
            scores = pooled_batch(self._a, self._b, logs)
        scores[~((scores >= 0.0) & (scores <= 1.0)).all(axis=1)] = np.nan
        return scores


def _tables(inputs: Inputs, small: Compiled) -> list[CommitteeTable | CommitteeEmbedding]:
    arrays = small.arrays
    table = [CommitteeTable(inputs, small.meta, arrays)] if "linear" in arrays else []
    return [*table, *([CommitteeEmbedding(arrays)] if "embedding" in arrays else [])]


def _without_words(arrays: Mapping[str, Any]) -> dict[str, Any]:
    return {name: array for name, array in arrays.items() if name not in {WORDS, TABLE}}
