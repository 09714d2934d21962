"""One model that learns verdicts: the champion or a challenger.

Its state is a function of the verdicts up to its offset alone: reading some of them again, stopping
anywhere and going on from a snapshot give the same model, bit for bit.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from winnow.core.models import ModelInput, TaskClassifier, by_coin, learn, scores_of
from winnow.learner.prequential import Prequential
from winnow.runtime.model_state import ModelState, Packed
from winnow_schemas.verdicts import Verdict

FRESH_ANSWERS = 500
_NOT_CHOSEN_BY_A_COIN = frozenset({"disputed", "recalled", "gold"})


@dataclass
class Student:
    """`slot` is where its state stands; `next_offset` is the next verdict to learn; `unlearnable` counts verdicts its
    model could not take.
    """

    slot: str
    name: str
    model: TaskClassifier
    next_offset: int = 0
    learned: int = 0
    unlearnable: int = 0
    prequential: Prequential = field(default_factory=Prequential)
    fresh: deque[datetime] = field(default_factory=lambda: deque(maxlen=FRESH_ANSWERS))

    def learn(self, offset: int, verdict: Verdict, values: ModelInput) -> None:
        """Judge first, then learn; `values` is what models read of the verdict's record."""
        if offset < self.next_offset:
            return
        if verdict.reason not in _NOT_CHOSEN_BY_A_COIN:
            self.prequential.judge(scores_of(self.model, values), verdict.label, verdict.propensity)
        if not learn(self.model, values, verdict.label, by_coin(verdict.decision, verdict.reason)):
            self.unlearnable += 1
        if verdict.reason != "seed":
            self.fresh.append(verdict.answered_at)
        self.learned += 1
        self.next_offset = offset + 1

    def pass_over(self, offset: int) -> None:
        """A verdict that nobody can learn."""
        self.next_offset = max(self.next_offset, offset + 1)

    def take_fresh(self) -> list[datetime]:
        """The answers since the last time; they are forgotten here."""
        fresh = list(self.fresh)
        self.fresh.clear()
        return fresh

    def put_back(self, fresh: Iterable[datetime]) -> None:
        """They were not told after all."""
        since = self.take_fresh()
        self.fresh.extend((*fresh, *since))

    def state(self, slot: str, task: str, now: float, model: Packed, fresh: Sequence[datetime]) -> ModelState:
        """What is published as `model`; its version is the number of verdict offsets that are behind it."""
        return ModelState(
            slot=slot,
            name=self.name,
            task=task,
            version=self.next_offset,
            verdict_offset=self.next_offset,
            learned=self.learned,
            at=datetime.fromtimestamp(now, UTC),
            model=model,
            fresh=fresh,
            figures=self.prequential.figures(),
        )
