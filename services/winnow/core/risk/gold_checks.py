"""How many errors reviewers overlook, as far as gold requests can tell.

The ledger's audits are only as good as the people who answer them: with a share β of errors overlooked,
an audit finds a wrong label with chance ε(1-β) only.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from scipy.special import betaincinv  # type: ignore[import-untyped]

_LEAST_CASES = 30
_CONFIDENCE = 0.95


@dataclass(slots=True)
class GoldChecks:
    """`cases`: requests whose machine's label is known to be wrong; `missed`: those where it was confirmed."""

    cases: int = 0
    missed: int = 0

    def hear(self, *, missed: bool) -> None:
        self.cases += 1
        self.missed += missed

    @property
    def overlooked_at_most(self) -> float:
        """Upper limit of β (Clopper & Pearson 1934); 0, "as judged by reviewers", while there are too few cases."""
        if self.cases < _LEAST_CASES:
            return 0.0
        if self.missed == self.cases:
            return 1.0
        return float(betaincinv(self.missed + 1, self.cases - self.missed, _CONFIDENCE))

    def snapshot(self) -> list[int]:
        return [self.cases, self.missed]

    def restore(self, state: Sequence[int]) -> None:
        self.cases, self.missed = state
