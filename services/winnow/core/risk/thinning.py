"""Audits that people can afford.

Evidence is counted in audits, not in records; so the audit rate may fall as labels are released, as in
continuous sampling plans (Dodge 1943). A floor keeps drift detection timely, a ceiling keeps to what
reviewers can answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, floor, log2

_HOUR = 3600.0
_WARM_UP = 600.0
_LEAST_THINNING = 0.75


@dataclass(slots=True)
class LabelRate:
    """Records above the threshold per hour, averaged over about the last hour of evidence time."""

    weight: float = 0.0
    span: float = 0.0
    at: float | None = None

    def hear(self, records: float, now: float) -> None:
        """`records` above the threshold were decided up to `now`, counted as if the gate stood fully open."""
        elapsed = self._elapsed(now)
        self.weight = self.weight * exp(-elapsed / _HOUR) + records
        self.span += elapsed
        self.at = now

    def _elapsed(self, now: float) -> float:
        return 0.0 if self.at is None else max(now - self.at, 0.0)

    def per_hour(self, now: float) -> float | None:
        """None until ten minutes have been seen."""
        elapsed = self._elapsed(now)
        span = self.span + elapsed
        if span < _WARM_UP:
            return None
        return self.weight * exp(-elapsed / _HOUR) / (1.0 - exp(-span / _HOUR))

    def snapshot(self) -> list[float | None]:
        return [self.weight, self.span, self.at]

    def restore(self, state: Sequence[float | None]) -> None:
        self.weight, self.span, self.at = state[0] or 0.0, state[1] or 0.0, state[2]


@dataclass(frozen=True, slots=True)
class Thinning:
    """`start` is the first chapter's rate; the others are the settings of the same names.

    A chapter has enough evidence when `target · released · rate` is `chapter_evidence`; the next one
    audits `chapter_thinning` times less. Both were chosen by simulation, ten million records at an error
    of half the target: thirds after 230 take as many audits as halves after 150 (25,200) and leave the
    certificate not met in 2 % of the streams instead of 10 %.
    """

    target: float
    start: float
    chapter_evidence: float
    chapter_thinning: float
    audits_per_hour: float
    audits_per_hour_max: float | None

    def next_rate(self, rate: float, released: int, per_hour: float | None) -> float | None:
        """The next chapter's ledger rate when this one has enough evidence and audits can be saved."""
        if self.target * released * rate < self.chapter_evidence:
            return None
        thinner = max(rate / self.chapter_thinning, min(self.floor(per_hour), rate))
        return thinner if thinner <= _LEAST_THINNING * rate else None

    def floor(self, per_hour: float | None) -> float:
        """The rate that gives reviewers `audits_per_hour`, at most the starting rate.

        In steps of a factor √2, so that a policy does not change with each record.
        """
        if self.audits_per_hour <= 0.0:
            return 0.0
        if not per_hour:
            return self.start
        steps = floor(2.0 * log2(max(self.start * per_hour / self.audits_per_hour, 1.0)))
        return self.start * float(2.0 ** (-steps / 2.0))

    def open_share(self, audit_rate: float, per_hour: float | None, paid: float | None = None) -> float:
        """The share of records for which the gate may be open so that reviewers can answer the audits.

        `paid` is how many audits an hour a budget pays for, where there is one.
        """
        most = min((limit for limit in (self.audits_per_hour_max, paid) if limit is not None), default=None)
        if not most or not per_hour:
            return 1.0
        steps = floor(4.0 * log2(max(audit_rate * per_hour / most, 1.0)) + 0.999)
        return float(2.0 ** (-steps / 4.0))
