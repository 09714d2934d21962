"""Which peers are compared, by the names that stand in the tables."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from benchmarks.peers.strategy import Strategy


@dataclass(frozen=True)
class Setting:
    """What a strategy may know beforehand."""

    labels: int
    target: float
    seed: int


Make = Callable[[Setting], Strategy]

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


def makers() -> Mapping[str, Make]:
    """How each is made. Needs the packages of the peers, which nothing else here does."""
    from benchmarks.peers import scikit_activeml  # noqa: PLC0415 - an extra
    from benchmarks.peers.conformal import AdaptiveConformal, SlidingConformal  # noqa: PLC0415
    from benchmarks.peers.entropy_sampler import EntropySampler  # noqa: PLC0415
    from benchmarks.peers.fixed_threshold import FixedThreshold  # noqa: PLC0415

    made: dict[str, Make] = {
        "fixed_0.90": lambda _: FixedThreshold(0.90),
        "fixed_0.95": lambda _: FixedThreshold(0.95),
        "fixed_0.99": lambda _: FixedThreshold(0.99),
        "adaptive_conformal": lambda of: AdaptiveConformal(of.target, AUDIT_RATE, str(of.seed)),
        "sliding_conformal": lambda of: SlidingConformal(of.target),
        "entropy_sampler": lambda of: EntropySampler(of.seed),
    }
    made |= {
        name: lambda of, make=make: make(of.labels, of.seed)  # type: ignore[misc]
        for name, make in scikit_activeml.STRATEGIES.items()
    }
    return {name: made[name] for name in NAMES}
