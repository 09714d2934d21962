"""Who answers what when the truth is which: Dawid & Skene (1979), learned answer by answer.

Instead of iterating over all answers, each set of answers is seen once, weighs the labels by what is known of
its reviewers so far, and teaches with these weights (the online expectation-maximisation of Cappé & Moulines
2009, with steps 1/n). Priors keep a newcomer from counting for nothing or everything: a row of which little is known
leans on the reviewer's share of right answers over all labels, and that share on `PRIOR_ACCURACY`.
"""

import math
from collections.abc import Iterable, Mapping, Sequence

PRIOR_ACCURACY, PRIOR_ANSWERS = 0.8, 5.0
"""What is believed of a reviewer nobody knows, and how many answers that belief is worth."""
ROW_ANSWERS = 40.0
"""How many answers the reviewer's share over all labels is worth within one row."""
_LEAST, _MOST = 0.02, 0.98
"""Nobody is believed to be always right or always wrong."""

Pairs = Sequence[tuple[str, str]]
"""Reviewer and label."""


class _Reviewer:
    __slots__ = ("judged", "right", "rows")

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, float]] = {}
        self.right = 0.0
        self.judged = 0.0

    @property
    def accuracy(self) -> float:
        share = (self.right + PRIOR_ACCURACY * PRIOR_ANSWERS) / (self.judged + PRIOR_ANSWERS)
        return min(max(share, _LEAST), _MOST)

    def learn(self, truth: str, answer: str, mass: float) -> None:
        row = self.rows.setdefault(truth, {})
        row[answer] = row.get(answer, 0.0) + mass
        self.judged += mass
        self.right += mass * (truth == answer)

    def chance(self, truth: str, answer: str, labels: int) -> float:
        """P(answer | truth)."""
        accuracy = self.accuracy
        expected = accuracy if truth == answer else (1.0 - accuracy) / (labels - 1)
        row = self.rows.get(truth)
        if row is None:
            return expected
        return (row.get(answer, 0.0) + ROW_ANSWERS * expected) / (sum(row.values()) + ROW_ANSWERS)


class Confusions:
    """One table of confusions a reviewer, and how often each label is the true one; bounded by people × labels²."""

    def __init__(self, labels: Iterable[str]) -> None:
        self._truths: dict[str, float] = dict.fromkeys(labels, 1.0)
        self._reviewers: dict[str, _Reviewer] = {}

    def learn(self, answers: Pairs) -> Mapping[str, float]:
        """Learn from answers whose truth nobody knows; gives the labels' probabilities they were weighed with."""
        for _, label in answers:
            self._truths.setdefault(label, 1.0)
        probabilities = self.probabilities(answers)
        for truth, mass in probabilities.items():
            self._truths[truth] += mass
            if mass > 1e-6:
                for reviewer, answer in answers:
                    self._of(reviewer).learn(truth, answer, mass)
        return probabilities

    def learn_known(self, answers: Pairs, truth: str) -> None:
        """Learn from answers to something whose label is known."""
        self._truths.setdefault(truth, 1.0)
        for reviewer, answer in answers:
            self._truths.setdefault(answer, 1.0)
            self._of(reviewer).learn(truth, answer, 1.0)

    def probabilities(self, answers: Pairs) -> dict[str, float]:
        """Of each label how probable it is, given the answers; they sum to 1."""
        labels = dict.fromkeys((*self._truths, *(label for _, label in answers)))
        known = [(self._known(reviewer), answer) for reviewer, answer in answers]
        number = max(2, len(labels))
        logs = {
            truth: math.log(self._truths.get(truth, 1.0))
            + sum(math.log(reviewer.chance(truth, answer, number)) for reviewer, answer in known)
            for truth in labels
        }
        top = max(logs.values())
        scaled = {truth: math.exp(log - top) for truth, log in logs.items()}
        total = sum(scaled.values())
        return {truth: value / total for truth, value in scaled.items()}

    def weight(self, reviewer: str, answer: str) -> float:
        """How far this answer speaks for its label, in nats: ln P(answer | it is true) / P(answer | it is not)."""
        known, number = self._known(reviewer), max(2, len(self._truths))
        others = [truth for truth in self._truths if truth != answer]
        total = sum(self._truths[truth] for truth in others)
        if not total:
            return 0.0
        by_mistake = sum(self._truths[truth] * known.chance(truth, answer, number) for truth in others) / total
        return math.log(known.chance(answer, answer, number) / by_mistake)

    def judged(self, reviewer: str) -> tuple[float, float]:
        """How many of the reviewer's answers are held to be right, of how many that could be judged."""
        known = self._known(reviewer)
        return known.right, known.judged

    def _of(self, reviewer: str) -> _Reviewer:
        return self._reviewers.setdefault(reviewer, _Reviewer())

    def _known(self, reviewer: str) -> _Reviewer:
        return self._reviewers.get(reviewer) or _Reviewer()
