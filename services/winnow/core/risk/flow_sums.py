"""Exact sums over all evidence: what became of every record, and how requests were closed."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, get_args

from winnow_schemas.base import Reason
from winnow_schemas.evidence import Closed, Closing, Counts

NOT_BY_COIN: frozenset[Reason] = frozenset({"disputed", "recalled", "gold", "seed"})
"""Reasons of requests that no scorer made: they say nothing about the error of auto labels."""

_SUMS = (
    "records",
    "auto",
    "review",
    "unlabelled",
    "dead",
    "labelled_by_people",
    "open",
    "unknown_versions",
    "repeated",
)


class FlowSums:
    """`open` is the number of scorers' requests that wait for people."""

    def __init__(self) -> None:
        self._sums: Counter[str] = Counter(dict.fromkeys(_SUMS, 0))
        self._closed: Counter[str] = Counter(dict.fromkeys(get_args(Closing), 0))
        self._by_reason: Counter[str] = Counter()
        self._by_label: Counter[str] = Counter()

    def count(self, counts: Counts) -> None:
        """Add what one scorer decided."""
        auto = review = 0
        for label, of_label in counts.labels.items():
            auto += of_label.unseen
            review += of_label.ledger_audits + of_label.extra_audits + of_label.reviews
            self._by_label[label] += of_label.unseen
        review += counts.no_model
        self._sums["auto"] += auto
        self._sums["review"] += review
        self._sums["open"] += review
        self._sums["unlabelled"] += counts.unlabelled
        self._sums["dead"] += counts.dead
        self._sums["records"] += auto + review + counts.unlabelled + counts.dead
        self._by_reason.update(counts.reasons)

    def close(self, closed: Closed) -> None:
        """Add one closing. Revisions count under `closed` again, but close nothing."""
        self._closed[closed.closing] += 1
        if closed.closing == "reopened":
            self._sums["open"] += closed.reason not in NOT_BY_COIN
        elif closed.revision == 1:
            self._sums["open"] -= closed.reason not in NOT_BY_COIN
            self._sums["labelled_by_people"] += closed.closing in {"right", "wrong"}

    def unknown(self, records: int) -> None:
        """Decisions or answers under a policy version that was never issued here: no evidence."""
        self._sums["unknown_versions"] += records

    def repeat(self) -> None:
        """A closing that had come before."""
        self._sums["repeated"] += 1

    def figures(self) -> dict[str, Any]:
        return {
            **self._sums,
            "closed": dict(self._closed),
            "expired": self._closed["expired"],
            "by_reason": dict(self._by_reason),
            "by_label": dict(self._by_label),
        }

    def snapshot(self) -> list[dict[str, int]]:
        return [dict(self._sums), dict(self._closed), dict(self._by_reason), dict(self._by_label)]

    def restore(self, state: list[Mapping[str, int]]) -> None:
        self._sums, self._closed, self._by_reason, self._by_label = (Counter(dict(part)) for part in state)
