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
    terms = [
        log(share) + found * log(bet) + unseen_wrong * (log1p(-bet * audit_rate) - log1p(-audit_rate))
        for share, bet in zip(SHARES, BETS, strict=True)
    ]
    top = max(terms)
    return top + log(sum(exp(term - top) for term in terms))


@lru_cache(maxsize=65_536)
def most_wrong(found: int, audit_rate: float, risk: float) -> float:
    """U: the largest number of unseen wrong labels still credible at `risk`, by bisection in logarithms."""
    limit = -log(risk)
    high = 1.0
    while log_wealth(found, high, audit_rate) <= limit:
        high *= 2.0
    low = high / 2.0 if high > 1.0 else 0.0
    while high - low > 1e-12 * high:
        middle = (low + high) / 2.0
        if log_wealth(found, middle, audit_rate) <= limit:
            low = middle
        else:
            high = middle
    return low
