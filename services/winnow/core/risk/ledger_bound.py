"""How many unseen labels can be wrong when so many audits were found wrong.

Each label above the threshold is audited by a coin of chance ε. A wrong one multiplies
`ρ^D · ((1-ρε)/(1-ε))^M` by ρ when audited and by (1-ρε)/(1-ε) when not: 1 on average. A right one
leaves it alone. So it is a non-negative martingale whatever the stream, the model or an adversary does
who cannot foresee the coins, and so is a mixture over ρ; Ville (1939) bounds the chance that it ever
exceeds 1/δ. (Betting confidence sequences: Howard, Ramdas, McAuliffe & Sekhon 2021; Waudby-Smith &
Ramdas 2024. For risk control with chosen labels: Xu, Karampatziakis & Mineiro 2024.)
"""

from functools import lru_cache
from math import exp, log, log1p

BETS = (1e-9, 0.02, 0.05, 0.1, 0.17, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85)
SHARES = (0.25, 0.06, 0.08, 0.10, 0.10, 0.09, 0.08, 0.07, 0.06, 0.05, 0.04, 0.02)


def log_wealth(found: int, unseen_wrong: float, audit_rate: float) -> float:
    """Logarithm of the mixture after `found` audits and `unseen_wrong` unseen labels were wrong."""
    return _log_sum([start + unseen_wrong * slope for start, slope in _lines(found, audit_rate)])[0]


@lru_cache(maxsize=65_536)
def most_wrong(found: int, audit_rate: float, risk: float) -> float:
    """U: the largest number of unseen wrong labels still credible at `risk`.

    The logarithm of the mixture is convex in that number and lies above each bet's own line; from where
    the first line crosses 1/δ, Newton's steps lead down to the solution without passing it.
    """
    limit = -log(risk)
    lines = _lines(found, audit_rate)
    wrong = min((limit - start) / slope for start, slope in lines)
    step = wrong
    while step > 1e-12 * wrong:
        height, shares = _log_sum([start + wrong * slope for start, slope in lines])
        step = (height - limit) / sum(share * slope for share, (_, slope) in zip(shares, lines, strict=True))
        wrong -= step
    return wrong


def _lines(found: int, audit_rate: float) -> list[tuple[float, float]]:
    """Each bet's logarithm as a line in the number of unseen wrong labels: where it starts, how it rises."""
    return [
        (log(share) + found * log(bet), log1p(-bet * audit_rate) - log1p(-audit_rate))
        for share, bet in zip(SHARES, BETS, strict=True)
    ]


def _log_sum(terms: list[float]) -> tuple[float, list[float]]:
    """Logarithm of the sum of exponentials, and each one's share in it."""
    top = max(terms)
    weights = [exp(term - top) for term in terms]
    total = sum(weights)
    return top + log(total), [weight / total for weight in weights]
