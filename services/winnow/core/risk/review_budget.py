"""What share of the records people may be asked about, so that no more requests come than the task's budget says.

A budget that is a share is that share. Of a budget per hour the share follows from how many records come: it falls
when more come than it was made for, and rises when there is room for half as many again, so that a policy does
not change with each record. In the first minute records count as if the minute were over: so a stream that is
fast from the start is asked about carefully until its rate is known.
"""

from collections.abc import Mapping
from math import exp
from typing import Any

from winnow.core.risk.thinning import LabelRate
from winnow_schemas.task import BudgetSpec

AUDIT_PART = 0.75
"""Audits may take so much of the budget; where they would take more, the gate is open for a share of the records."""

_HOUR = 3600.0
_FIRST = 60.0
_SPARED = 0.1
_ROOM = 1.5
_MOST = 0.999


class ReviewBudget:
    """A fold of what scorers count. `share` is None while the task has no budget, or nothing was heard."""

    def __init__(self, spec: BudgetSpec | None) -> None:
        self._spec = spec
        self._records = LabelRate()
        self.share: float | None = spec.share if spec else None

    def hear(self, records: int, now: float) -> bool:
        """So many records were decided up to `now`; whether the share is another one from now on."""
        if self._spec is None:
            return False
        self._records.hear(records, now)
        if self._spec.per_hour is None:
            return False
        before, self.share = self.share, self._share(self._spec.per_hour / max(self._per_hour(now), 1.0))
        return before != self.share

    def _share(self, wanted: float) -> float:
        spared = min(_MOST, (1.0 - _SPARED) * wanted)
        if self.share is None or (wanted < self.share and spared < self.share) or spared > _ROOM * self.share:
            return spared
        return self.share

    def _per_hour(self, now: float) -> float:
        """Records an hour, averaged over about the last hour, of which a minute at least counts as seen."""
        elapsed = 0.0 if self._records.at is None else max(now - self._records.at, 0.0)
        span = max(self._records.span + elapsed, _FIRST)
        return self._records.weight * exp(-elapsed / _HOUR) / (1.0 - exp(-span / _HOUR))

    def audits_per_hour(self, now: float) -> float | None:
        """The most audits that the budget can pay; None without one."""
        if self._spec is None or self.share is None:
            return None
        return AUDIT_PART * self.share * self._per_hour(now)

    def snapshot(self) -> dict[str, Any]:
        """All of it, as plain JSON."""
        return {"share": self.share, "records": self._records.snapshot()}

    def restore(self, state: Mapping[str, Any] | None) -> None:
        """Go on from a snapshot; there is none in states from before there were budgets."""
        if state is not None and self._spec is not None:
            self._records.restore(state["records"])
            self.share = self._spec.share or state["share"]
