"""Words to numbers, so that a text model is a dictionary and a few tables.

A table has a row per word and a column per label: what a text needs of a word lies side by side.
"""

from collections import Counter
from functools import lru_cache
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from winnow.core.tokens import tokens

Numbers = npt.NDArray[np.intp]
Amounts = npt.NDArray[np.float64]


MOST_WORDS = 1 << 18
"""Later words are left out, so that a model does not grow for ever."""

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
    """Gives each word a number, in the order in which words are learned.

    The bag looked up last is remembered: a text is judged, then learned.
    """

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.full = False
        self._last_bag: Bag | None = None
        self._last_found: Numbers = np.zeros(0, dtype=np.intp)

    def __len__(self) -> int:
        return len(self.numbers)

    def __getstate__(self) -> dict[str, Any]:
        """No word has a space in it."""
        return {"words": " ".join(self.numbers), "full": self.full}

    def __setstate__(self, state: dict[str, Any]) -> None:
        words = state["words"].split(" ") if state["words"] else []
        self.numbers = dict(zip(words, range(len(words)), strict=True))
        self.full = state["full"]
        self._last_bag = None

    def within(self, bag: Bag) -> Bag:
        """The words that can be learned: all while there is room, then those that are known."""
        if len(self.numbers) + len(bag.words) <= MOST_WORDS:
            return bag
        known = [place for place, word in enumerate(bag.words) if word in self.numbers]
        self.full |= len(known) < len(bag.words)
        return Bag(tuple(bag.words[place] for place in known), bag.amounts[known])

    def learn(self, bag: Bag) -> Numbers:
        """Numbers of the words; new words get the next ones."""
        found = self._found(bag)
        for place in np.flatnonzero(found < 0).tolist():
            found[place] = self.numbers[bag.words[place]] = len(self.numbers)
        self._last_bag = None
        return found

    def look_up(self, bag: Bag) -> tuple[Numbers, Amounts, Amounts]:
        """Numbers and counts of the known words, and the counts of the unknown ones."""
        found = self._found(bag)
        known = found >= 0
        return found[known], bag.amounts[known], bag.amounts[~known]

    def _found(self, bag: Bag) -> Numbers:
        if bag is not self._last_bag:
            self._last_bag = bag
            self._last_found = np.fromiter(map(self.numbers.get, bag.words, repeat(-1)), np.intp, len(bag.words))
        return self._last_found


def with_room_for(table: Amounts, words: int) -> Amounts:
    """The table (one row a word) with at least so many rows; new ones are 0. Doubles, so that growth is rare."""
    rows, width = table.shape
    if words <= rows:
        return table
    grown = np.zeros((max(words, 2 * rows, 1024), width))
    grown[:rows] = table
    return grown


def with_one_more_column(table: Amounts) -> Amounts:
    """The table (one column a label) when another label is met."""
    return np.hstack([table, np.zeros((len(table), 1))])
