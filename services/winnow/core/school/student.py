"""One model that learns verdicts: the champion or a challenger.

Its state is a function of the verdicts up to its offset alone: reading some of them again, stopping
anywhere and going on from a snapshot give the same model, bit for bit.
"""

from dataclasses import dataclass, field

from winnow.core.comparison import Judgement, judged, weight_of
from winnow.core.grading import Gradebook
from winnow.core.models import ModelInput, TaskClassifier, by_coin, learn, scores_of
from winnow.core.school.prequential import Prequential
from winnow_schemas.verdicts import Verdict


@dataclass
class Student:
    """`next_offset` is the next verdict to learn; `unlearnable` counts verdicts that its model could not take."""

    name: str
    model: TaskClassifier
    next_offset: int = 0
    learned: int = 0
    unlearnable: int = 0
    prequential: Prequential = field(default_factory=Prequential)
    gradebook: Gradebook = field(default_factory=Gradebook)

    def judge(self, verdict: Verdict, values: ModelInput) -> Judgement:
        """What it says of a verdict that it has not learned; `values` is what models read of the record."""
        scores = scores_of(self.model, values)
        self.prequential.judge(scores, verdict.label, verdict.propensity)
        self.gradebook.note(scores, verdict.label, weight_of(verdict.propensity))
        return judged(scores, verdict.label)

    def learn(self, offset: int, verdict: Verdict, values: ModelInput) -> None:
        """One verdict."""
        if not learn(self.model, values, verdict.label, by_coin(verdict.decision, verdict.reason)):
            self.unlearnable += 1
        self.learned += 1
        self.next_offset = offset + 1

    def pass_over(self, offset: int) -> None:
        """What is there to be learned by nobody."""
        self.next_offset = max(self.next_offset, offset + 1)
