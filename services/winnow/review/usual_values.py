"""What values are usual for each feature: so that a reviewer sees at a glance what is odd about a record.

Of each feature the last values are kept, whatever they are, and a value is judged by its rank among them:
that asks nothing of how they are distributed. Of the records that came for review, within a bound, and
rebuilt after a restart from those that are read again. It knows nothing of labels or models.
"""

import threading
from collections import Counter, deque
from typing import Any

from winnow_schemas.records import Record

KEPT = 400
FEATURES = 1_000
ENOUGH = 50
"""So many values must be known before one is called unusual."""
UNUSUAL = 0.02
COMMON = 0.5
"""A category is rare only where another one is this common."""

Value = float | str | bool


class UsualValues:
    """The last values of each feature; shared by the loop and the API's threads."""

    def __init__(self) -> None:
        self._numbers: dict[str, deque[float]] = {}
        self._categories: dict[str, deque[str]] = {}
        self._lock = threading.Lock()

    def saw(self, record: Record) -> None:
        """Take in one record."""
        with self._lock:
            for name, value in record.get("features", {}).items():
                if _is_number(value):
                    _keep(self._numbers, name, float(value))
                else:
                    _keep(self._categories, name, _word(value))

    def unusual(self, record: Record) -> dict[str, dict[str, Any]]:
        """For each feature with an unusual value: what it `is` (high, low, rare), its `share`, and the `usual`."""
        with self._lock:
            found = {name: self._judged(name, value) for name, value in record.get("features", {}).items()}
        return {name: judged for name, judged in found.items() if judged is not None}

    def _judged(self, name: str, value: Value) -> dict[str, Any] | None:
        if _is_number(value):
            return _judged_number(self._numbers.get(name, ()), float(value))
        return _judged_category(self._categories.get(name, ()), _word(value))


def _judged_number(seen: "deque[float] | tuple[()]", value: float) -> dict[str, Any] | None:
    if len(seen) < ENOUGH:
        return None
    at_least = sum(each >= value for each in seen) / len(seen)
    at_most = sum(each <= value for each in seen) / len(seen)
    if min(at_least, at_most) > UNUSUAL:
        return None
    ordered = sorted(seen)
    usual = [ordered[len(ordered) // 10], ordered[-1 - len(ordered) // 10]]
    what, share = ("high", at_least) if at_least <= at_most else ("low", at_most)
    return {"is": what, "share": share, "usual": usual}


def _judged_category(seen: "deque[str] | tuple[()]", value: str) -> dict[str, Any] | None:
    if len(seen) < ENOUGH:
        return None
    counts = Counter(seen)
    usual, most = counts.most_common(1)[0]
    share = counts[value] / len(seen)
    if share > UNUSUAL or most < COMMON * len(seen):
        return None
    return {"is": "rare", "share": share, "usual": usual}


def _keep(values: dict[str, Any], name: str, value: float | str) -> None:
    kept = values.get(name)
    if kept is None:
        if len(values) >= FEATURES:
            return
        kept = values[name] = deque(maxlen=KEPT)
    kept.append(value)


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _word(value: Value) -> str:
    """As JSON and the page write it; the beginning of a long one will do."""
    return str(value).lower() if isinstance(value, bool) else str(value)[:100]
