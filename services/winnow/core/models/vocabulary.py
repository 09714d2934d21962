"""Words to columns, so that a text model is a dictionary and a few arrays."""

from collections import Counter
from functools import lru_cache
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from winnow.core.tokens import tokens

Columns = npt.NDArray[np.intp]
Amounts = npt.NDArray[np.float64]


_REMEMBERED_TEXTS = 512


class Bag(NamedTuple):
    """The different words of a text in the order in which they first stand there, and how often each does."""

    words: tuple[str, ...]
    amounts: Amounts


@lru_cache(_REMEMBERED_TEXTS)
def bag_of(text: str) -> Bag:
    """A text is scored, learned and published: the last ones are remembered, so that it is taken apart once."""
    counts = Counter(tokens(text))
    amounts = np.array(list(counts.values()), dtype=np.float64)
    amounts.flags.writeable = False
    return Bag(tuple(counts), amounts)


class Vocabulary:
    """Gives each word a column, in the order in which words are learned."""

    def __init__(self) -> None:
        self.columns: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self.columns)

    def __getstate__(self) -> dict[str, Any]:
        """No word has a space in it."""
        return {"words": " ".join(self.columns)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        words = state["words"].split(" ") if state["words"] else []
        self.columns = dict(zip(words, range(len(words)), strict=True))

    def learn(self, bag: Bag) -> Columns:
        """Columns of the words; new words get the next columns."""
        found = self._found(bag)
        for place in np.flatnonzero(found < 0).tolist():
            found[place] = self.columns[bag.words[place]] = len(self.columns)
        return found

    def look_up(self, bag: Bag) -> tuple[Columns, Amounts, Amounts]:
        """Columns and counts of the known words, and the counts of the unknown ones."""
        columns = self._found(bag)
        known = columns >= 0
        return columns[known], bag.amounts[known], bag.amounts[~known]

    def _found(self, bag: Bag) -> Columns:
        return np.fromiter(map(self.columns.get, bag.words, repeat(-1)), np.intp, len(bag.words))


def with_room_for(table: Amounts, columns: int) -> Amounts:
    """The table (one row a label) with at least so many columns; new ones are 0. Doubles, so that growth is rare."""
    rows, width = table.shape
    if columns <= width:
        return table
    grown = np.zeros((rows, max(columns, 2 * width, 1024)))
    grown[:, :width] = table
    return grown
