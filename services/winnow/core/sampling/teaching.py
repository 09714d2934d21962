"""What an answer would teach: one number in [0, 1] from a record's scores and votes, by the task's strategies.

It orders the review queue, and under a budget it decides whom to ask at all. Of one record it is the same to the
last bit as of many together.
"""

from collections.abc import Mapping

import numpy as np

from winnow.core.batch_scores import BatchScores, Floats
from winnow.core.confidence import confidences
from winnow.core.sampling.disagreement import disagreements
from winnow_schemas.base import MemberVotes, Scores
from winnow_schemas.task import ConfidenceKind, Sampling, Task

_CONFIDENCE: Mapping[Sampling, ConfidenceKind] = {"entropy": "entropy", "margin": "margin", "least_confident": "top"}
_BY_MEMORY: frozenset[Sampling] = frozenset({"novelty", "density"})


class Teaching:
    """Weighs the strategies; all weights together are 1.

    `novelty` and `density` are the weights of what a budget's memory measures (without a budget the queue looks at
    novelty), `by_chance` is that of a toss: whoever has these adds them to `of_scores`.
    """

    def __init__(self, task: Task) -> None:
        usable = {name: weight for name, weight in task.sampling.items() if task.budget or name not in _BY_MEMORY}
        total = sum(usable.values())
        weights = {name: weight / total for name, weight in usable.items()}
        self.novelty = weights.pop("novelty", 0.0)
        self.density = weights.pop("density", 0.0)
        self.by_chance = weights.pop("random", 0.0) if usable else 1.0
        self._disagreement = weights.pop("disagreement", 0.0)
        self._kind: ConfidenceKind = task.confidence
        kinds = {**_CONFIDENCE, "uncertainty": task.confidence}
        self._doubts = [(kinds[name], weight) for name, weight in weights.items()]

    def of_scores(self, scores: BatchScores, confident: Floats) -> Floats:
        """The part that scores and votes say of each record; NaN without a score.

        `confident` are the confidences of the records as the task measures them.
        """
        if not scores.labels:
            return np.full(len(confident), np.nan)
        taught = np.zeros(len(confident))
        with np.errstate(all="ignore"):
            for kind, weight in self._doubts:
                of_kind = confident if kind == self._kind else confidences(kind, scores.table)
                taught += weight * (1.0 - of_kind)
            if self._disagreement and scores.votes is not None:
                taught += self._disagreement * disagreements(scores.votes.logs)
        taught[np.isnan(confident)] = np.nan
        return taught

    def of_one(self, scores: Scores | None, votes: MemberVotes | None) -> float | None:
        """The same of one record; None without a score."""
        if scores is None:
            return None
        said = BatchScores.from_rows(tuple(scores), [scores], [votes])
        return float(self.of_scores(said, confidences(self._kind, said.table))[0])
