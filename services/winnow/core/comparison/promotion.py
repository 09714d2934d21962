"""When a challenger takes the champion's place: only when it is surely better, and nowhere worse.

The test says that it is better in accuracy or in log loss; neither figure may have become worse by more
than a margin, no label may have, and the trial on the records that no model learns must agree.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from winnow.core.comparison.comparison import Comparison, Gain
from winnow.core.comparison.judgement import Judgement


@dataclass(frozen=True, slots=True)
class PromotionRule:
    """`risk` is the probability with which any challenger that is no better is ever promoted over one champion.

    Below `least_verdicts` none is: each promotion makes the gate earn its threshold anew.
    """

    risk: float = 0.05
    margin: float = 0.005
    label_margin: float = 0.05
    label_verdicts: int = 30
    least_verdicts: int = 100


def evidence_needed(challengers: int, rule: PromotionRule) -> float:
    """From so much on the test says that one is better, when so many challengers are tried beside each other."""
    return max(1, challengers) / rule.risk


def what_got_worse(comparison: Comparison, rule: PromotionRule) -> list[str]:
    """Figures and labels that speak against the challenger, in words; empty when none does."""
    gain = comparison.gain
    worse = [f"accuracy by {-gain.accuracy:.3f}"] if gain.accuracy < -rule.margin else []
    worse += [f"log loss by {gain.log_loss:.3f}"] if gain.loss > rule.margin else []
    labels = ((label, one) for label, one in comparison.gains.items() if one.verdicts >= rule.label_verdicts)
    return worse + [
        f"label {label} by {-one.accuracy:.3f}" for label, one in labels if one.accuracy < -rule.label_margin
    ]


def agrees(champion: Sequence[Judgement], challenger: Sequence[Judgement]) -> bool:
    """Whether the same trial of both speaks for the challenger: not worse by more than a standard error.

    Without a trial nothing speaks against it.
    """
    pairs = list(zip(champion, challenger, strict=True))
    accuracy = [float(new.right) - float(old.right) for old, new in pairs]
    loss = [old.loss - new.loss for old, new in pairs]
    return all(_mean(gains) >= -_standard_error(gains) for gains in (accuracy, loss))


def trial_gain(champion: Sequence[Judgement], challenger: Sequence[Judgement]) -> Gain:
    """Challenger minus champion on the same trial."""
    pairs = list(zip(champion, challenger, strict=True))
    accuracy = _mean([float(new.right) - float(old.right) for old, new in pairs])
    return Gain(len(pairs), accuracy, _mean([new.loss - old.loss for old, new in pairs]))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _standard_error(values: Sequence[float]) -> float:
    if len(values) < 2:
        return 0.0
    mean = _mean(values)
    return sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1) / len(values))
