"""Which policy versions are released, which never will be, and which an operator took back."""

from collections.abc import Mapping
from typing import Any

from winnow_schemas.base import NO_POLICY

Range = tuple[int, int]
"""First and last version; both belong to it."""


class Withdrawals:
    """`released`: the version up to which every label is either released or withdrawn."""

    def __init__(self) -> None:
        self.released = NO_POLICY
        self._never_released: list[Range] = []
        self._recalled: list[Range] = []

    @property
    def ranges(self) -> tuple[Range, ...]:
        """All ranges whose labels do not hold, in order, without overlap."""
        merged: list[Range] = []
        for first, last in sorted(self._never_released + self._recalled):
            if merged and first <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
            else:
                merged.append((first, last))
        return tuple(merged)

    def withdraw_to(self, last: int) -> None:
        """Take back what is not released up to `last`; the released number passes over it."""
        if last > self.released:
            self._never_released.append((self.released + 1, last))
            self.released = last

    def recall(self, first: int, last: int) -> None:
        """Take labels back whether or not they are released by now; the ledger counts them all the same."""
        if first <= last:
            self._recalled.append((first, last))

    def never_released(self, version: int) -> bool:
        """Whether the labels of a policy version were withdrawn before they counted."""
        return any(first <= version <= last for first, last in self._never_released)

    def snapshot(self) -> dict[str, Any]:
        ranges = {"never_released": list(self._never_released), "recalled": list(self._recalled)}
        return {"released": self.released, **ranges}

    def restore(self, state: Mapping[str, Any]) -> None:
        self.released = state["released"]
        self._never_released = [(first, last) for first, last in state["never_released"]]
        self._recalled = [(first, last) for first, last in state["recalled"]]
