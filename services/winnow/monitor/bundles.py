"""Evidence fetched together goes through Faust together: the first message stands for all.

What Faust does with each message costs as much as folding it. Where Faust loses the one that stands for
the others, all of them are lost, and read again (see `evidence_chain`).
"""

from collections.abc import Sequence
from typing import Any


class Bundles:
    """By the offset of the first: messages that wait for their turn, at most once."""

    def __init__(self) -> None:
        self._bundles: dict[int, Sequence[Any]] = {}

    def tie(self, fetched: Sequence[Any]) -> Sequence[Any]:
        """What Faust is to be given in place of these."""
        if not fetched:
            return fetched
        self._bundles[fetched[0].offset] = fetched
        return fetched[:1]

    def untie(self, offset: int) -> Sequence[Any]:
        """All for which the message at this offset stands; nothing when they had their turn."""
        return self._bundles.pop(offset, ())

    def sought(self, start: int) -> None:
        """What is before `start` is not asked for again."""
        self._bundles = {offset: bundle for offset, bundle in self._bundles.items() if bundle[-1].offset >= start}
