"""Words to columns, so that a text model is a dictionary and a few arrays."""

from collections import Counter
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

Columns = npt.NDArray[np.intp]
Amounts = npt.NDArray[np.float64]


class Vocabulary:
    """Gives each word a column, in the order in which words are learned."""

    def __init__(self) -> None:
        self.columns: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self.columns)

    def learn(self, words: Iterable[str]) -> tuple[Columns, Amounts]:
        """Columns and counts of the words; new words get the next columns."""
        counts = Counter(words)
        columns = self.columns
        found = [columns.setdefault(word, len(columns)) for word in counts]
        return np.array(found, dtype=np.intp), np.array(list(counts.values()), dtype=np.float64)

    def look_up(self, words: Iterable[str]) -> tuple[Columns, Amounts, Amounts]:
        """Columns and counts of the known words, and the counts of the unknown ones."""
        counts = Counter(words)
        columns = np.array([self.columns.get(word, -1) for word in counts], dtype=np.intp)
        amounts = np.array(list(counts.values()), dtype=np.float64)
        known = columns >= 0
        return columns[known], amounts[known], amounts[~known]


def with_room_for(table: Amounts, columns: int) -> Amounts:
    """The table (one row a label) with at least so many columns; new ones are 0. Doubles, so that growth is rare."""
    rows, width = table.shape
    if columns <= width:
        return table
    grown = np.zeros((rows, max(columns, 2 * width, 1024)))
    grown[:, :width] = table
    return grown
