"""Tables of numbers with a row per input and a column per label, that grow at both ends."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]


class GrowingTable:
    """All cells are `first` until they are written. Room doubles, so that growth is rare; a pickle has none."""

    def __init__(self, labels: int, first: float = 0.0) -> None:
        self.first = first
        self.rows = 0
        self.cells: Floats = np.full((0, labels), first)

    def grow(self, rows: int) -> None:
        """Have at least so many rows."""
        had = len(self.cells)
        if rows > had:
            more = np.full((max(rows, 2 * had, 16) - had, self.cells.shape[1]), self.first)
            self.cells = np.concatenate([self.cells, more])
        self.rows = max(self.rows, rows)

    def add_label(self) -> None:
        """One more column."""
        self.cells = np.hstack([self.cells, np.full((len(self.cells), 1), self.first)])

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "cells": self.cells[: self.rows].copy()}


def softmax(margins: Floats) -> Floats:
    """Probabilities from log-odds."""
    odds = np.exp(margins - np.maximum.reduce(margins))
    shares: Floats = odds / np.add.reduce(odds)
    return shares
