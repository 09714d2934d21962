"""The time of one champion: since when it decides, and how the challengers have done beside it since."""

from collections.abc import Iterable, Mapping
from typing import Any

from winnow.core.comparison import Comparison, Judgement, PromotionRule, agrees, evidence_needed, what_got_worse
from winnow.core.models import TaskClassifier
from winnow.core.school.trial_set import TrialSet
from winnow_schemas.verdicts import Verdict

LOOK_EVERY = 20
TRY_AGAIN_AFTER = 200


class Reign:
    """`named` is the champion that the task named when it began; `since` the first version of the champion, and
    `note` why it decides, where another one did before.
    """

    def __init__(
        self, champion: str, named: str, challengers: Iterable[str], since: int = 0, note: str | None = None
    ) -> None:
        self.champion = champion
        self.named = named
        self.since = since
        self.note = note
        self.rule = PromotionRule()
        self.comparisons = {name: Comparison() for name in challengers if name != champion}
        self.awaited = 0
        """Challengers that are still to come; the test reckons with them from the beginning."""
        self._verdicts = 0
        self._tried: dict[str, int] = {}

    def hear(self, judgements: Mapping[str, Judgement], verdict: Verdict) -> None:
        """What all models said of one verdict that they had not learned; who had learned it already is not there."""
        champion = judgements.get(self.champion)
        if champion is None:
            return
        self._verdicts += 1
        for name, comparison in self.comparisons.items():
            if name in judgements:
                comparison.hear(champion, judgements[name], verdict.label, verdict.propensity)

    def better_one(self, models: Mapping[str, TaskClassifier], trial: TrialSet) -> str | None:
        """The challenger that should take the champion's place now, if one should."""
        if self._verdicts % LOOK_EVERY:
            return None
        sure = [name for name in self.comparisons if self.is_proven(name)]
        for name in sorted(sure, key=lambda name: -self.comparisons[name].evidence):
            if self._verdicts >= self._tried.get(name, 0) and not self.worse(name):
                if self.trial_agrees(name, models, trial):
                    return name
                self._tried[name] = self._verdicts + TRY_AGAIN_AFTER
        return None

    def join(self, challenger: str) -> None:
        """One more, compared from now on."""
        self.comparisons[challenger] = Comparison()

    @property
    def needed(self) -> float:
        """So much evidence proves that a challenger is better."""
        return evidence_needed(len(self.comparisons) + self.awaited, self.rule)

    def is_proven(self, name: str) -> bool:
        """Whether the test says that a challenger is better, on verdicts enough."""
        comparison = self.comparisons[name]
        return comparison.gain.verdicts >= self.rule.least_verdicts and comparison.evidence >= self.needed

    def worse(self, name: str) -> list[str]:
        """What speaks against it all the same."""
        return what_got_worse(self.comparisons[name], self.rule)

    def trial_agrees(self, name: str, models: Mapping[str, TaskClassifier], trial: TrialSet) -> bool:
        """What the records say that no model learns."""
        return agrees(trial.judge(models[self.champion]), trial.judge(models[name]))

    def why(self, name: str) -> str:
        """The test's result in words."""
        return f"better than {self.champion}: {self.comparisons[name].gain}"

    def snapshot(self) -> dict[str, Any]:
        """All there is to know, as plain JSON."""
        return {
            "champion": self.champion,
            "named": self.named,
            "since": self.since,
            "note": self.note,
            "verdicts": self._verdicts,
            "tried": dict(self._tried),
            "comparisons": {name: comparison.snapshot() for name, comparison in self.comparisons.items()},
        }

    @classmethod
    def of_snapshot(cls, state: Mapping[str, Any], challengers: Iterable[str]) -> "Reign":
        """As it was. Challengers that came since begin to be compared."""
        reign = cls(state["champion"], state["named"], challengers, state["since"], state["note"])
        reign._verdicts, reign._tried = state["verdicts"], dict(state["tried"])
        for name in reign.comparisons.keys() & state["comparisons"].keys():
            reign.comparisons[name].restore(state["comparisons"][name])
        return reign
