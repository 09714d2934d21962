"""Votes of a committee's members over columns and embeddings on many records at once.

The sums are those of the members, to the last bit: one input after the other, where those that a record
lacks or that were never learned add 0.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from winnow.core.compiled.category_columns import FIRST
from winnow.core.compiled.committee_compiler import BIN, CATEGORY, KINDS, NUMBER, PAIR
from winnow.core.compiled.inputs import Arrays, Codes, Floats, Inputs, Meta
from winnow.core.compiled.probabilities import softmax
from winnow.core.compiled.record_columns import Columns
from winnow.core.models.committee.binned_inputs import (
    BINS,
    FIRST_AND_SECOND,
    HASH_BITS,
    MOST_COLUMNS,
    bins_of,
    hashes_of,
    value_of,
)
from winnow.core.models.committee.column_reader import ABSENT, standardised
from winnow.core.models.committee.embedding_members import BIAS, of_length_1
from winnow.core.models.committee.sums import in_order
from winnow.core.models.committee.table_members import Bells
from winnow.core.voting import log_votes

_UNKNOWN = -1


class CommitteeTable:
    """Three members: a linear one, one over bins and pairs, naive Bayes."""

    members = 3

    def __init__(self, inputs: Inputs, meta: Meta, arrays: Arrays) -> None:
        places = {name: place for place, name in enumerate(inputs.number_columns)}
        self._numbers = np.array([places[name] for name in meta["numbers"]], dtype=np.intp)
        columns = {name: place for place, name in enumerate(inputs.category_columns)}
        self._categories = [columns[name] for name in meta["categories"]]
        self._places = [_places_of(meta["values"], column) for column in range(len(self._categories))]
        self._means, self._scales = arrays["means"][:, None], arrays["scales"][:, None]
        self._linear = _Inputs(arrays["linear"], arrays["linear_codes"], len(meta["values"]))
        self._binned = _Inputs(arrays["binned"], arrays["binned_codes"], len(meta["values"]))
        self._prior = arrays["bayes_prior"]
        self._bells = _bells(arrays)

    @property
    def inputs_a_record(self) -> int:
        """How many numbers are looked at for one record and label."""
        columns = len(self._numbers) + len(self._categories)
        return 1 + 2 * columns + (columns * (columns - 1) // 2 if columns <= MOST_COLUMNS else 0)

    def votes(self, columns: Columns) -> Floats:
        """Records × members × labels."""
        numbers, categories = columns.numbers[self._numbers], self._read_categories(columns)
        z = standardised(numbers, self._means, self._scales)
        margins = (
            self._linear_margins(z, categories),
            self._binned_margins(z, categories),
            self._bayes_margins(numbers),
        )
        return np.stack([log_votes(softmax(each)) for each in margins], axis=1)

    def _read_categories(self, columns: Columns) -> Codes:
        """A row per column: the place of each record's category."""
        codes = zip(self._places, self._categories, strict=True)
        places = np.array([places[columns.codes[column]] for places, column in codes], dtype=np.intp)
        return places.reshape(len(self._categories), columns.numbers.shape[1])

    def _bayes_margins(self, numbers: Floats) -> Floats:
        if not len(numbers):
            return np.broadcast_to(self._prior, (numbers.shape[1], len(self._prior)))
        return self._prior - 0.5 * in_order(self._bells.terms(numbers[:, :, None]))

    def _linear_margins(self, z: Floats, categories: Codes) -> Floats:
        linear = self._linear
        margins = np.repeat(linear.weights[:1], z.shape[1], axis=0)
        for number, values in enumerate(z):
            margins += values[:, None] * linear.weights[linear.of_numbers[number]]
        for places in categories:
            margins += linear.weights[linear.of_categories[places]]
        return margins

    def _binned_margins(self, z: Floats, categories: Codes) -> Floats:
        binned, records = self._binned, z.shape[1]
        bins = bins_of(z)
        of_bins = binned.of_bins[np.arange(len(z))[:, None] * BINS + bins]
        rows = np.concatenate([of_bins, binned.of_categories[categories], self._pairs(bins, categories)])
        there = np.count_nonzero(categories != ABSENT, axis=0)
        present = len(z) + there
        pairs = present * (present - 1) // 2 if len(z) + len(categories) <= MOST_COLUMNS else np.zeros(records, int)
        values = value_of(1 + present + pairs)
        margins = np.repeat(binned.weights[:1], records, axis=0)
        for of_input in rows:
            margins += values[:, None] * binned.weights[of_input]
        return margins

    def _pairs(self, bins: Codes, categories: Codes) -> Codes:
        count = len(bins) + len(categories)
        if count > MOST_COLUMNS:
            return np.zeros((0, bins.shape[1]), dtype=np.intp)
        numbers = np.arange(len(bins))[:, None] * (BINS // 2) + bins // 2
        cells = np.concatenate([2 * numbers, 2 * categories + 1]).astype(np.uint64)
        are_there = np.concatenate([np.ones(bins.shape, dtype=np.bool_), categories != ABSENT])
        first, second = FIRST_AND_SECOND[count]
        rows = self._binned.of_pairs[hashes_of(cells[first], cells[second])]
        both: Codes = np.where(are_there[first] & are_there[second], rows, _UNKNOWN)
        return both


class CommitteeEmbedding:
    """One member."""

    members = 1

    def __init__(self, arrays: Arrays) -> None:
        self._weights = arrays["embedding"]

    def votes(self, columns: Columns) -> Floats:
        """Records × members × labels; a record without an embedding is not voted on."""
        numbers = np.ascontiguousarray(columns.numbers[-(len(self._weights) - 1) :].T)
        units = of_length_1(np.where(np.isnan(numbers), 0.0, numbers))
        margins = np.zeros((len(units), self._weights.shape[1]))
        for values, weights in zip(units.T, self._weights[:-1], strict=True):
            margins += values[:, None] * weights
        margins += BIAS * self._weights[-1]
        logs = log_votes(softmax(margins))
        logs[~units.any(axis=1)] = 0.0
        return logs[:, None]


class _Inputs:
    """Rows of the weights by what their inputs are; the last row is 0, and what was never learned points there."""

    def __init__(self, weights: Floats, codes: npt.NDArray[Any], values: int) -> None:
        self.weights = np.concatenate([weights, np.zeros((1, weights.shape[1]))])
        kinds, numbers = codes & ((1 << KINDS) - 1), codes >> KINDS
        if len(codes) != len(weights):
            raise ValueError(f"{len(codes)} inputs, but weights of {len(weights)}")
        rows = np.arange(len(codes), dtype=np.intp)

        def table(kind: int, least: int) -> Codes:
            own = kinds == kind
            found = np.full(max(least, int(numbers[own].max(initial=-1)) + 1), _UNKNOWN, dtype=np.intp)
            found[numbers[own]] = rows[own]
            return found

        self.of_numbers = table(NUMBER, 0)
        self.of_bins = table(BIN, 0)
        self.of_categories = np.append(table(CATEGORY, values), _UNKNOWN)  # ABSENT is the last one
        self.of_pairs = table(PAIR, 1 << HASH_BITS) if (kinds == PAIR).any() else _NO_PAIRS


_NO_PAIRS = np.full(1 << HASH_BITS, _UNKNOWN, dtype=np.intp)


def _places_of(values: Sequence[Sequence[Any]], column: int) -> Codes:
    """The place of each code of a column of categories."""
    own = [place for place, (of, _) in enumerate(values) if of == column]
    return np.array([ABSENT] * FIRST + own, dtype=np.intp)


def values_of(meta: Meta) -> dict[str, list[str]]:
    """The known values of each column of categories."""
    found: dict[str, list[str]] = {name: [] for name in meta.get("categories", ())}
    for column, value in meta.get("values", ()):
        found[meta["categories"][column]].append(value)
    return found


def _bells(arrays: Arrays) -> Bells:
    means, variances, logs = (arrays[f"bell_{name}"][:, None, :] for name in ("means", "variances", "logs"))
    return Bells(means, variances, logs, arrays["bell_usable"].astype(np.bool_))
