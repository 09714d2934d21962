"""Champion and challengers, compared on verdicts that none of them had learned."""

from winnow.core.comparison.betting import Capital
from winnow.core.comparison.comparison import Comparison, Gain
from winnow.core.comparison.judgement import MOST_SURPRISED, Judgement, judged, weight_of
from winnow.core.comparison.promotion import PromotionRule, agrees, evidence_needed, trial_gain, what_got_worse

__all__ = [
    "MOST_SURPRISED",
    "Capital",
    "Comparison",
    "Gain",
    "Judgement",
    "PromotionRule",
    "agrees",
    "evidence_needed",
    "judged",
    "trial_gain",
    "weight_of",
    "what_got_worse",
]
