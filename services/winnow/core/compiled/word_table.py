"""A row of numbers per word, which grows and changes in place.

A table of 200,000 words is too large to be built again for each answer: the scorer owns its table and
overwrites the rows that a delta brings; there is room for words to come.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from winnow.core.compiled.inputs import Codes, Floats
from winnow.core.compiled.text_words import FIRST_WORD, UNKNOWN, WordRows, Words, in_portions

_CHARACTERS_AT_ONCE = 1 << 16
_LEAST_ROOM = 1024


class WordTable:
    """`values` makes of published rows what is summed; `unknown` is the row of all words that are not known."""

    def __init__(
        self,
        words: Sequence[str],
        rows: npt.NDArray[Any],
        values: Callable[[npt.NDArray[Any]], Floats],
        unknown: Floats,
    ) -> None:
        self._values = values
        if rows.ndim != 2 or len(rows) != len(words):
            raise ValueError(f"{len(words)} words, but a table of {len(rows)}")
        self._words = WordRows(words)
        self._table = np.zeros((FIRST_WORD, len(unknown)))
        self._table[UNKNOWN] = unknown
        self._make_room()
        self._table[FIRST_WORD : len(self._words)] = values(rows)

    def __len__(self) -> int:
        return len(self._words) - FIRST_WORD

    @property
    def numbers(self) -> int:
        """Words known here have numbers below."""
        return len(self._words)

    def read(self, texts: Sequence[str]) -> Iterator[Words]:
        """The words of the texts, in portions."""
        return map(self._words.read, in_portions(texts, _CHARACTERS_AT_ONCE))

    def put(self, words: Sequence[str], columns: Codes, rows: npt.NDArray[Any]) -> None:
        """New words at the end, then new rows for some words, old or new; raises `ValueError` and does neither."""
        values = self._values(rows)
        if values.shape != (len(columns), self._table.shape[1]) or columns.max(initial=-1) >= len(self) + len(words):
            raise ValueError("rows of words that do not fit the table")
        self._words.join(words)
        self._make_room()
        self._table[columns + FIRST_WORD] = values

    def rows(self, numbers: Codes) -> Floats:
        """The rows of some words by their numbers; a number beyond the table is an unknown word."""
        return self._table.take(np.where(numbers < len(self._words), numbers, UNKNOWN), axis=0)

    def sums(self, numbers: Codes, starts: Codes) -> Floats:
        """Sums over runs of known numbers; no run is empty."""
        return np.add.reduceat(self._table.take(numbers, axis=0), starts, axis=0)

    def _make_room(self) -> None:
        rows, width = self._table.shape
        if len(self._words) > rows:
            grown = np.zeros((2 * len(self._words) + _LEAST_ROOM, width))
            grown[:rows] = self._table
            self._table = grown
