"""Which peers are compared, by the names that stand in the tables."""

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.peers.conformal import AdaptiveConformal, SlidingConformal
from benchmarks.peers.entropy_sampler import EntropySampler
from benchmarks.peers.fixed_threshold import FixedThreshold
from benchmarks.peers.strategy import Strategy


@dataclass(frozen=True)
class Setting:
    """What a strategy may know beforehand."""

    labels: int
    target: float
    seed: int


AUDIT_RATE = 0.08
NAMES: Mapping[str, str] = {
    "fixed_0.90": "top probability ≥ .90",
    "fixed_0.95": "top probability ≥ .95",
    "fixed_0.99": "top probability ≥ .99",
    "adaptive_conformal": "adaptive conformal, α = .05, 8 % audits",
    "sliding_conformal": "sliding-window conformal, α = .05",
    "variable_uncertainty": "variable uncertainty, budget 30 % (scikit-activeml)",
    "split": "split, budget 30 % (scikit-activeml)",
    "probabilistic": "probabilistic, budget 30 % (scikit-activeml)",
    "entropy_sampler": "entropy sampler, exponent 3 (River)",
}


def make(name: str, setting: Setting) -> Strategy:
    """One of them. What it needs is imported here: only scikit-activeml's are from a package that is large."""
    kind, _, figure = name.partition("_")
    if kind == "fixed":
        return FixedThreshold(float(figure))
    if name == "adaptive_conformal":
        return AdaptiveConformal(setting.target, AUDIT_RATE, str(setting.seed))
    if name == "sliding_conformal":
        return SlidingConformal(setting.target)
    if name == "entropy_sampler":
        return EntropySampler(setting.seed)
    from benchmarks.peers.scikit_activeml import STRATEGIES  # noqa: PLC0415 - see above

    return STRATEGIES[name](setting.labels, setting.seed)
