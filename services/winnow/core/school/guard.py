"""Watches the champion itself: newer versions must not be worse than an older one that has stood still.

Both are judged on the same verdicts. When the test says that the older one is better, it is the one that
is given out, until the newer ones have caught up with it on later verdicts.
"""

from collections.abc import Mapping
from typing import Any

from winnow.core.comparison import Comparison, Gain, Judgement, judged
from winnow.core.models import ModelInput, TaskClassifier, scores_of
from winnow.core.school.kept_versions import KeptVersion, KeptVersions
from winnow_schemas.verdicts import Verdict

RISK = 0.001
"""With this probability an older version is ever taken for better that is not."""

MARGIN = 0.01
_LOOK_EVERY = 10
_PATIENCE = 100
_FADING = 0.99
_AS_GOOD = 0.002 / (1.0 - _FADING)
"""So much more loss in all the verdicts that are not faded yet is as good as none."""


class Guard:
    """`turned_at` is the version with which newer ones began to be withheld, or, not `withholding`, to go out again."""

    def __init__(self, turned_at: int | None = None) -> None:
        self.frozen: KeptVersion | None = None
        self.withholding = False
        self.turned_at = turned_at
        self._model: TaskClassifier | None = None
        self._comparison = Comparison()
        self._since = 0
        self._lately = 0.0

    @property
    def model(self) -> TaskClassifier | None:
        """The model that is given out instead; None while newer ones go out."""
        return self._model if self.withholding else None

    def freeze(self, kept: KeptVersion) -> None:
        """From now on this version is what newer ones are measured against."""
        if not self.withholding:
            self.frozen, self._model, self._comparison = kept, kept.model(), Comparison()

    def hear(self, champion: Judgement, verdict: Verdict, values: ModelInput) -> None:
        """One verdict that the champion has judged and not learned yet."""
        if self._model is None:
            return
        frozen = judged(scores_of(self._model, values), verdict.label)
        self._comparison.hear(champion, frozen, verdict.label, verdict.propensity)
        self._since += 1
        self._lately = _FADING * self._lately + (champion.loss - frozen.loss)

    def became_worse(self) -> str | None:
        """What became worse, in words, when newer versions should be withheld from now on."""
        gain = self._comparison.gain  # of the frozen one
        if self.withholding or gain.verdicts % _LOOK_EVERY or self._comparison.evidence < 1.0 / RISK:
            return None
        if gain.accuracy < -MARGIN or gain.loss > MARGIN or max(gain.accuracy, -gain.loss) < MARGIN:
            return None
        return str(Gain(gain.verdicts, -gain.accuracy, -gain.loss))

    def withhold(self, version: int) -> None:
        """The frozen one is given out, as `version`."""
        self.withholding, self.turned_at, self._since, self._lately = True, version, 0, 0.0

    def has_recovered(self) -> bool:
        """Whether newer versions, withheld by now, are no worse any more."""
        return self.withholding and self._since >= _PATIENCE and self._lately <= _AS_GOOD

    def snapshot(self) -> dict[str, Any]:
        """All there is to know but for the frozen model, as plain JSON."""
        return {
            "frozen": self.frozen.version if self.frozen else None,
            "withholding": self.withholding,
            "turned_at": self.turned_at,
            "comparison": self._comparison.snapshot(),
            "since": self._since,
            "lately": self._lately,
        }

    def restore(self, state: Mapping[str, Any], kept: KeptVersions) -> None:
        """Back to a snapshot."""
        self.frozen = kept.find(state["frozen"]) if state["frozen"] is not None else None
        self._model = self.frozen.model() if self.frozen else None
        self.withholding, self.turned_at = state["withholding"], state["turned_at"]
        self._comparison.restore(state["comparison"])
        self._since, self._lately = state["since"], state["lately"]
