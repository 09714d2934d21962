"""Votes of a committee's text members on many texts at once, and words that a delta changes, in place.

The sums are those of the members, to the last bit: each text is a run that begins with its mark, which
stands for the bias, and goes on with its words in their order.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from winnow.core.compiled.inputs import Arrays, Codes, Floats, Meta
from winnow.core.compiled.probabilities import softmax
from winnow.core.compiled.text_compiler import TABLE, WORDS, parted
from winnow.core.compiled.text_words import FIRST_WORD, TEXT_BEGINS, WORDS_A_TEXT, Words, word_keys
from winnow.core.compiled.word_table import WordTable
from winnow.core.models.committee.sums import in_runs
from winnow.core.models.committee.text_members import BIAS, SMOOTHING
from winnow.core.voting import log_votes


class CommitteeTexts:
    """Two members: a linear one and naive Bayes."""

    members = 2

    def __init__(self, meta: Meta, arrays: Arrays) -> None:
        self._labels = arrays["text_bias"].shape[1]
        unknown = np.zeros(2 * self._labels + 1)
        self._table = WordTable(parted(arrays[WORDS]), arrays[TABLE], self._values, unknown)
        self._begin(meta, arrays)

    def votes(self, texts: Sequence[str]) -> Floats:
        """Texts × members × labels."""
        return np.concatenate([self._portion(words) for words in self._table.read(texts)])

    def change(self, meta: Meta, arrays: Arrays, words: Sequence[str], columns: Codes, rows: npt.NDArray[Any]) -> None:
        """Take in the small arrays anew, words at the end and rows of some words."""
        self._table.put(words, columns, rows)
        self._begin(meta, arrays)

    def _begin(self, meta: Meta, arrays: Arrays) -> None:
        self._rarity = float(meta["rarity"])
        self._bias = arrays["text_bias"][0]
        self._prior = arrays["text_prior"]
        self._denominators = arrays["text_denominators"]

    def _values(self, rows: npt.NDArray[Any]) -> Floats:
        """Weights, logarithms of amounts, and that of the texts with the word."""
        values = np.array(rows, dtype=np.float64)
        values[:, self._labels : -1] = np.log(values[:, self._labels : -1] + SMOOTHING)
        values[:, -1] = np.log1p(values[:, -1])
        return values

    def _portion(self, words: Words) -> Floats:
        keys, counted = np.unique(word_keys(words), return_counts=True)
        numbers, of_text = keys % WORDS_A_TEXT, keys // WORDS_A_TEXT
        are_known = (numbers == TEXT_BEGINS) | ((numbers >= FIRST_WORD) & (numbers < self._table.numbers))
        are_unknown = numbers >= self._table.numbers
        counts = counted.astype(np.float64)
        unknown = self._squares_of_unknown(of_text[are_unknown], counts[are_unknown], len(words.starts))
        numbers, of_text, counts = numbers[are_known], of_text[are_known], counts[are_known]
        marks = np.flatnonzero(numbers == TEXT_BEGINS)
        rows = self._table.rows(numbers)
        return np.stack(
            [
                log_votes(softmax(self._linear(rows, counts, of_text, marks, unknown))),
                log_votes(softmax(self._bayes(rows, counts, marks))),
            ],
            axis=1,
        )

    def _linear(self, rows: Floats, counts: Floats, of_text: Codes, marks: Codes, unknown: Floats) -> Floats:
        values = (1.0 + np.log(counts)) * (self._rarity - rows[:, -1])
        values[marks] = 0.0
        lengths = np.sqrt(in_runs(values * values, marks) + unknown)
        lengths[lengths == 0.0] = 1.0
        values /= lengths[of_text]
        values[marks] = BIAS
        weights = rows[:, : self._labels]
        weights[marks] = self._bias
        return in_runs(values[:, None] * weights, marks)

    def _bayes(self, rows: Floats, counts: Floats, marks: Codes) -> Floats:
        tf = np.log1p(counts)
        tf[marks] = 0.0
        sums = in_runs(tf[:, None] * rows[:, self._labels : -1], marks)
        return self._prior + sums - in_runs(tf, marks)[:, None] * self._denominators

    def _squares_of_unknown(self, of_text: Codes, counts: Floats, texts: int) -> Floats:
        """By text; the rarest words first, behind a 0."""
        of_text = np.concatenate([np.arange(texts), of_text])
        counts = np.concatenate([np.zeros(texts), counts])
        order = np.lexsort((counts, of_text))
        counts = counts[order]
        begins = np.flatnonzero(counts == 0.0)
        counts[begins] = 1.0
        values = (1.0 + np.log(counts)) * self._rarity
        values[begins] = 0.0
        return in_runs(values * values, begins)
