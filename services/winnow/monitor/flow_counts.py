"""What became of every record, counted from the evidence: the sum on the dashboard that must add up.

`records = auto + review + unlabelled + dead` and `review = open + closed`, exactly and since the
beginning; what is closed was labelled by people, expired, or ended in another way. Requests that no
scorer made (disputed, recalled, gold and seeded ones) are no part of it.
"""

from collections import Counter
from typing import Any

from winnow_schemas.evidence import Closed, Counts, Evidence
from winnow_schemas.metrics import MetricValue

_NOT_BY_A_SCORER = frozenset({"disputed", "recalled", "gold", "seed"})
_BY_PEOPLE = frozenset({"right", "wrong"})
_COUNTED = ("records", "auto", "review", "unlabelled", "dead", "closed", "labelled_by_people", "expired")


class FlowCounts:
    """A fold of the evidence."""

    def __init__(self) -> None:
        self._sums: Counter[str] = Counter()
        self._by_reason: Counter[str] = Counter()
        self._by_label: Counter[str] = Counter()

    def add(self, evidence: Evidence) -> None:
        """Count one piece of evidence."""
        if isinstance(evidence, Counts):
            self._add_decisions(evidence)
        elif isinstance(evidence, Closed) and evidence.reason not in _NOT_BY_A_SCORER:
            self._add_closing(evidence)

    def figures(self) -> dict[str, MetricValue]:
        """The values of the metrics family `flow`."""
        values: dict[str, MetricValue] = {name: self._sums[name] for name in _COUNTED}
        values["open"] = self._sums["review"] - self._sums["closed"]
        values["by_reason"] = _as_floats(self._by_reason)
        values["by_label"] = _as_floats(self._by_label)
        return values

    def snapshot(self) -> list[dict[str, int]]:
        """Everything that `restore` needs, as JSON."""
        return [dict(self._sums), dict(self._by_reason), dict(self._by_label)]

    def restore(self, snapshot: list[dict[str, Any]]) -> None:
        """Go on from a snapshot."""
        self._sums, self._by_reason, self._by_label = (Counter(part) for part in snapshot)

    def _add_decisions(self, counts: Counts) -> None:
        auto = sum(label.unseen for label in counts.labels.values())
        seen = sum(label.ledger_audits + label.extra_audits + label.reviews for label in counts.labels.values())
        review = seen + counts.no_model
        self._sums["records"] += auto + review + counts.unlabelled + counts.dead
        self._sums["auto"] += auto
        self._sums["review"] += review
        self._sums["unlabelled"] += counts.unlabelled
        self._sums["dead"] += counts.dead
        self._by_reason.update(counts.reasons)
        self._by_label.update({name: label.unseen for name, label in counts.labels.items() if label.unseen})

    def _add_closing(self, closed: Closed) -> None:
        if closed.closing == "reopened":  # only a label can be taken back
            self._sums["closed"] -= 1
            self._sums["labelled_by_people"] -= 1
        else:
            self._sums["closed"] += 1
            self._sums["labelled_by_people"] += closed.closing in _BY_PEOPLE
            self._sums["expired"] += closed.closing == "expired"


def _as_floats(counts: Counter[str]) -> dict[str, float]:
    return {name: float(count) for name, count in counts.items()}
