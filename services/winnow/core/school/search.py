"""A search over settings of models: they learn side by side, and the worse half of them leaves after each round.

Sequential halving (Karnin, Koren & Somekh 2013; Jamieson & Talwalkar 2016) on the verdicts as they come, with the
budget per round of River's `SuccessiveHalvingClassifier`: each of the R rounds may cost a share 1/R of all lessons, so
that rounds grow longer as candidates get fewer, and what the search costs is known before it begins.

Who is left at the end is tried as a challenger from then on; the search itself lets nobody decide.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from winnow.core.comparison import MOST_SURPRISED, Judgement
from winnow_schemas.task_models import rounds_of


class Halving(NamedTuple):
    """The end of a round: who stays and who leaves, each with its log loss in it, the better ones first."""

    round: int
    stay: dict[str, float]
    leave: dict[str, float]


class Search:
    """`candidates` are all that the task asks for, `standing` those that are left, in the same order."""

    def __init__(self, candidates: Sequence[str], lessons: int, standing: Sequence[str] | None = None) -> None:
        self.candidates = tuple(candidates)
        self.lessons = lessons
        self.standing = list(self.candidates if standing is None else standing)
        self.round = 1
        self._rounds = rounds_of(len(self.standing))
        self._verdicts = 0
        self._weight = 0.0
        self._losses = dict.fromkeys(self.standing, 0.0)

    @classmethod
    def none(cls) -> "Search":
        """Nobody searches."""
        return cls((), 0)

    @property
    def racing(self) -> list[str]:
        """Candidates that are not challengers yet."""
        return self.standing if len(self.standing) > 1 else []

    @property
    def left(self) -> list[str]:
        """Who has left."""
        return [name for name in self.candidates if name not in self.standing]

    @property
    def survivor(self) -> str | None:
        """Who is left."""
        return self.standing[0] if len(self.standing) == 1 else None

    @property
    def rounds(self) -> int:
        """How many there are in all."""
        return self._rounds

    @property
    def verdicts_left(self) -> int:
        """How many more the round has."""
        return self._length - self._verdicts if self.racing else 0

    def hear(self, judgements: Mapping[str, Judgement], weight: float) -> Halving | None:
        """One verdict that all candidates learn; `judgements` are empty for one that says nothing of the stream.

        The last one of a round is learned by those that stay only.
        """
        self._verdicts += 1
        if judgements:
            self._weight += weight
            for name in self.standing:
                self._losses[name] += weight * judgements[name].loss
        return self._halved() if self._verdicts >= self._length else None

    @property
    def _length(self) -> int:
        return max(1, self.lessons // (len(self.standing) * self._rounds))

    def _halved(self) -> Halving:
        """Of those that are alike the one that the task names first stays."""
        per_verdict = MOST_SURPRISED / self._weight if self._weight else 0.0
        ordered = sorted(self.standing, key=self._losses.__getitem__)
        loss = {name: self._losses[name] * per_verdict for name in ordered}
        better, worse = ordered[: (len(ordered) + 1) // 2], ordered[(len(ordered) + 1) // 2 :]
        told = Halving(self.round, {name: loss[name] for name in better}, {name: loss[name] for name in worse})
        self.standing = [name for name in self.standing if name in better]
        self.round += 1
        self._verdicts, self._weight = 0, 0.0
        self._losses = dict.fromkeys(self.standing, 0.0)
        return told

    def snapshot(self) -> dict[str, Any]:
        """All there is to know, as plain JSON."""
        return {
            "candidates": list(self.candidates),
            "lessons": self.lessons,
            "standing": list(self.standing),
            "round": self.round,
            "rounds": self._rounds,
            "verdicts": self._verdicts,
            "weight": self._weight,
            "losses": dict(self._losses),
        }

    def is_of(self, state: Mapping[str, Any] | None) -> bool:
        """Whether a snapshot is one of this very search."""
        return state is not None and (state["candidates"], state["lessons"]) == (list(self.candidates), self.lessons)

    def restore(self, state: Mapping[str, Any]) -> None:
        """Back to a snapshot."""
        self.standing, self.round, self._rounds = list(state["standing"]), state["round"], state["rounds"]
        self._verdicts, self._weight, self._losses = state["verdicts"], state["weight"], dict(state["losses"])
