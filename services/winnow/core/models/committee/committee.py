"""A committee of fast learners whose votes are pooled with learned weights.

Simple members learn much from few verdicts, each in its own way; the pool finds out what each is worth.
Members learn every verdict with the same weight; the pool weighs it by the inverse propensity of its look.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from river import base

from winnow.core.models.committee.function_members import FunctionPanel
from winnow.core.models.committee.growing_tables import Floats
from winnow.core.models.committee.members import Input
from winnow.core.models.committee.replay_ring import Lesson, ReplayRing
from winnow.core.models.committee.seats import TABLE_MEMBERS, groups
from winnow.core.voting import Pool, PoolWeights, Votes

_RING = 2_000


class Committee(base.Classifier):  # type: ignore[misc]
    """Reads what its `members` (names of `seats`) read; `embedding` is the size of one, if there is one.

    After each verdict, the members that learn by steps learn `replays` earlier ones again, chosen by a
    generator that starts at `seed` and is part of the state. A label outside `labels` joins when it is learned.
    """

    def __init__(
        self, labels: tuple[Any, ...], members: tuple[str, ...], embedding: int = 0, seed: int = 0, replays: int = 2
    ) -> None:
        self.labels = labels
        self.members = members
        self.embedding = embedding
        self.seed = seed
        self.replays = replays
        self.rows: dict[Any, int] = {label: row for row, label in enumerate(labels)}
        self.groups = groups(members, labels, embedding)
        seats = [member for group in self.groups for member in group.members]
        self.pool = Pool([member.name for member in seats], [member.start for member in seats], labels)
        self.ring = ReplayRing(_RING, seed)

    @property
    def _multiclass(self) -> bool:
        return True

    @property
    def functions(self) -> FunctionPanel | None:
        """The labelling functions among the members."""
        return next((group for group in self.groups if isinstance(group, FunctionPanel)), None)

    @property
    def weights(self) -> PoolWeights:
        """What each member's vote counts today."""
        return self.pool.weights

    @property
    def full(self) -> bool:
        """Whether something is left out because a member's memory is full."""
        return any(group.reader.full for group in self.groups)

    def votes_one(self, x: Input) -> Votes:
        """What each member says of a record."""
        return Votes(self.pool.members, tuple(self.rows), self._logs(x))

    def pooled(self, votes: Votes) -> dict[Any, float]:
        """The probability of each label, by today's weights."""
        shares = self.pool.probabilities(votes.aligned(self.pool.members, tuple(self.rows)))
        return dict(zip(self.rows, shares.tolist(), strict=True))

    def predict_proba_one(self, x: Input, **_: Any) -> dict[Any, float]:
        """The probability of each label."""
        return dict(zip(self.rows, self.pool.probabilities(self._logs(x)).tolist(), strict=True))

    def learn_one(self, x: Input, y: Any) -> None:
        """One verdict on a record that is decided only now: its votes are those of this moment."""
        self._meet(y)
        logs = self._logs(x)
        self._teach(x, self.rows[y])
        self.pool.learn(logs, self.rows[y], 1.0)

    def learn_verdict(self, x: Input, y: Any, votes: Votes | None, weight: float) -> None:
        """One verdict; `votes` are those of the decision, `weight` is the inverse propensity of its look.

        Without votes (nothing was decided yet) the weights of the pool stay what they are.
        """
        self._meet(y)
        self._teach(x, self.rows[y])
        if votes is not None:
            self.pool.learn(votes.aligned(self.pool.members, tuple(self.rows)), self.rows[y], weight)

    def _logs(self, x: Input) -> Floats:
        return np.array([row for group in self.groups for row in group.votes(x)])

    def _meet(self, label: Any) -> None:
        if label not in self.rows:
            self.rows[label] = len(self.rows)
            self.pool.add_label(label)
            for group in self.groups:
                group.add_label(label)

    def _teach(self, x: Input, label: int) -> None:
        self.ring.add(Lesson(label, tuple(group.learn(x, label) for group in self.groups)))
        for lesson in self.ring.draw(self.replays):
            for group, kept in zip(self.groups, lesson.kept, strict=True):
                group.again(kept, lesson.label)

    @classmethod
    def _unit_test_params(cls) -> Iterator[dict[str, Any]]:
        yield {"labels": (False, True), "members": tuple(TABLE_MEMBERS)}
