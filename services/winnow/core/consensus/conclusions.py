"""The label on which answers agree, or None: then one more is asked for.

Pure. `answers` are as many as the task asks for, or more.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from winnow.core.consensus.confusions import Confusions

Answers = Sequence[tuple[str, str]]
"""Reviewer and label, in the order in which they came."""

SURE = 0.75
"""Where answers differ, a label less probable than this asks for one more answer."""
MORE_AT_MOST = 2
"""So many more are asked for; then the most probable label stands."""


@dataclass(frozen=True, slots=True)
class Conclusion:
    """`agreement` is the share of answers that gave `label`, `weights` how far each answer counted.

    `probability` of the label, where answers were weighed by what is known of their reviewers.
    """

    label: str
    agreement: float
    weights: tuple[tuple[str, float], ...]
    probability: float | None = None


def by_majority(answers: Answers) -> Conclusion | None:
    """The label most people gave; None for a tie."""
    (label, votes), *others = Counter(label for _, label in answers).most_common(2)
    if others and others[0][1] == votes:
        return None
    return Conclusion(label, votes / len(answers), tuple((reviewer, 1.0) for reviewer, _ in answers))


def by_dawid_skene(answers: Answers, asked: int, confusions: Confusions) -> Conclusion | None:
    """The most probable label, each answer weighed by its reviewer's confusions; `asked` is what the task asks for."""
    probabilities = confusions.probabilities(answers)
    given = [label for _, label in answers]
    label = max(dict.fromkeys(given), key=lambda each: probabilities[each])
    differ = len(set(given)) > 1
    if differ and probabilities[label] < SURE and len(answers) < asked + MORE_AT_MOST:
        return None
    weights = tuple((reviewer, confusions.weight(reviewer, answer)) for reviewer, answer in answers)
    return Conclusion(label, given.count(label) / len(given), weights, min(1.0, probabilities[label]))
