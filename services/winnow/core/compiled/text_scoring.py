"""Scoring texts with compiled text models, and taking in words that have changed, in place."""

import math
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from winnow.core.compiled.inputs import Arrays, Codes, Floats, Meta
from winnow.core.compiled.probabilities import softmax
from winnow.core.compiled.text_compiler import TABLE, WORDS, parted
from winnow.core.compiled.text_words import UNKNOWN, WORDS_A_TEXT, Words, word_keys
from winnow.core.compiled.word_table import WordTable

_SURE = 700.0


class TextScoring(Protocol):
    """One text model."""

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """A row per text, a column per label."""
        ...

    def change(self, arrays: Arrays, words: Sequence[str], columns: Codes, rows: npt.NDArray[Any]) -> None:
        """Take in the small arrays anew, words at the end and rows of some words."""
        ...


class TextNaiveBayesScoring:
    """Log counts by word, with a last column of ones that counts words."""

    def __init__(self, meta: Meta, arrays: Arrays) -> None:
        self._alpha = float(meta["alpha"])
        unknown = np.append(np.full(arrays[TABLE].shape[1], math.log(self._alpha)), 1.0)
        self._table = WordTable(parted(arrays[WORDS]), arrays[TABLE], self._log_counts, unknown)
        self._begin(arrays)

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """One row per text."""
        if not len(self._table):
            return np.repeat(softmax(self._prior[None, :]), len(texts), axis=0)
        sums = np.concatenate([self._table.sums(words.rows, words.starts) for words in self._table.read(texts)])
        counts = sums[:, -1:]
        return softmax(self._prior + sums[:, :-1] - counts * np.log(self._totals + self._alpha * len(self._table)))

    def change(self, arrays: Arrays, words: Sequence[str], columns: Codes, rows: npt.NDArray[Any]) -> None:
        """New counts of some words, new priors and totals."""
        self._table.put(words, columns, rows)
        self._begin(arrays)

    def _begin(self, arrays: Arrays) -> None:
        self._totals = arrays["totals"]
        with np.errstate(divide="ignore", invalid="ignore"):
            self._prior = np.log(arrays["texts"] / arrays["texts"].sum())

    def _log_counts(self, counts: npt.NDArray[Any]) -> Floats:
        values = np.ones((len(counts), counts.shape[1] + 1))
        np.log(counts + self._alpha, out=values[:, :-1])
        return values


class TextLinearScoring:
    """Weights by word, over counts of length 1."""

    def __init__(self, meta: Meta, arrays: Arrays) -> None:  # noqa: ARG002 - all kinds are made alike
        unknown = np.zeros(arrays[TABLE].shape[1])
        self._table = WordTable(parted(arrays[WORDS]), arrays[TABLE], _unchanged, unknown)
        self._constants = arrays["constants"]

    def margins(self, texts: Sequence[str]) -> Floats:
        """A row per text."""
        return np.concatenate([self._portion(words) for words in self._table.read(texts)]) + self._constants

    def change(self, arrays: Arrays, words: Sequence[str], columns: Codes, rows: npt.NDArray[Any]) -> None:
        """New weights of some words, new constants."""
        self._table.put(words, columns, rows)
        self._constants = arrays["constants"]

    def _portion(self, words: Words) -> Floats:
        texts = len(words.starts)
        keys, counts = np.unique(word_keys(words), return_counts=True)
        numbers, of_text = keys % WORDS_A_TEXT, keys // WORDS_A_TEXT
        counts[numbers < UNKNOWN] = 0
        runs = np.searchsorted(keys, np.arange(texts) * WORDS_A_TEXT)
        lengths = np.sqrt(np.add.reduceat(counts * counts, runs))
        lengths[lengths == 0.0] = 1.0
        terms = self._table.rows(numbers) * (counts / lengths[of_text])[:, None]
        return np.add.reduceat(terms, runs, axis=0)


class TextLogisticScoring(TextLinearScoring):
    """Two labels; the second is true."""

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """One row per text."""
        true = 1 / (1 + np.exp(-np.clip(self.margins(texts)[:, 0], -_SURE, _SURE)))
        return np.stack([1 - true, true], axis=1)


class TextSoftmaxScoring(TextLinearScoring):
    """Several labels."""

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """One row per text."""
        return softmax(self.margins(texts))


def _unchanged(rows: npt.NDArray[Any]) -> Floats:
    return rows
