"""What the best fixed threshold on the top probability would have done, chosen in hindsight."""

from array import array

import numpy as np


class FixedThresholds:
    """Keeps nine bytes a record: the top probability, and whether the label was wrong."""

    def __init__(self) -> None:
        self._top = array("d")
        self._wrong = bytearray()

    def add(self, top: float, *, wrong: bool) -> None:
        """One scored record."""
        self._top.append(top)
        self._wrong.append(wrong)

    def best(self, target: float, records: int) -> dict[str, float | None]:
        """The most labels at an error of at most `target`, as a share of all records; equal scores go together."""
        top = np.frombuffer(self._top) if self._top else np.empty(0)
        order = np.argsort(-top, kind="stable")
        top, wrong = top[order], np.frombuffer(bytes(self._wrong), dtype=np.uint8)[order]
        labels = np.arange(1, top.size + 1)
        errors = np.cumsum(wrong, dtype=np.int64)
        is_end = np.append(top[1:] != top[:-1], True)[: top.size]
        good = np.flatnonzero(is_end & (errors <= target * labels))
        if not good.size:
            return {"threshold": None, "coverage": 0.0, "error": None}
        last = int(good[-1])
        return {
            "threshold": float(top[last]),
            "coverage": (last + 1) / records,
            "error": float(errors[last] / (last + 1)),
        }
