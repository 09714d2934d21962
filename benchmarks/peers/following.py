"""Follows a stream with one model and the strategies that read its scores; labels come some records later."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from benchmarks.peers.strategy import Outcome, Scores, Strategy
from winnow.core.models import ModelInput, TaskClassifier, scores_of

Taught = Callable[[Sequence[bool]], bool]
"""Whether the model learns a record's label, given which strategies asked for it."""


class Seen(NamedTuple):
    """What a model reads of a record, and the place of its true label among the task's."""

    values: ModelInput
    truth: int


class _Waiting(NamedTuple):
    offset: int
    seen: Seen
    scores: Scores | None
    asked: tuple[bool, ...]


def by_every_label(asked: Sequence[bool]) -> bool:  # noqa: ARG001
    """The model learns all labels, also those that nobody was asked for: nobody pays for them here."""
    return True


def by_own_queries(asked: Sequence[bool]) -> bool:
    """The model learns what people were asked."""
    return any(asked)


def follow(
    stream: Iterable[Seen], model: TaskClassifier, strategies: Mapping[str, Strategy], taught: Taught, delay: int
) -> dict[str, Outcome]:
    """What each strategy did. Before the first label is learned there is no score, and people are asked."""
    followed = _Followed(model, strategies, taught)
    for offset, seen in enumerate(stream):
        followed.learn_until(offset - delay)
        followed.decide(offset, seen)
    return followed.outcomes


class _Followed:
    def __init__(self, model: TaskClassifier, strategies: Mapping[str, Strategy], taught: Taught) -> None:
        self.outcomes = {name: Outcome() for name in strategies}
        self._model = model
        self._strategies = strategies
        self._taught = taught
        self._waiting: deque[_Waiting] = deque()

    def decide(self, offset: int, seen: Seen) -> None:
        scores = self._scores(seen.values)
        asked = tuple(scores is None or each.asks(scores) for each in self._strategies.values())
        wrong = scores is None or int(scores.argmax()) != seen.truth
        for outcome, asks in zip(self.outcomes.values(), asked, strict=True):
            outcome.add(asked=asks, wrong=wrong)
        if self._taught(asked):
            self._waiting.append(_Waiting(offset, seen, scores, asked))

    def learn_until(self, last: int) -> None:
        while self._waiting and self._waiting[0].offset <= last:
            due = self._waiting.popleft()
            self._model.learn_one(due.seen.values, self._model.labels[due.seen.truth])
            if due.scores is not None:
                for strategy, asked in zip(self._strategies.values(), due.asked, strict=True):
                    strategy.answered(due.scores, due.seen.truth, asked=asked)

    def _scores(self, values: ModelInput) -> Scores | None:
        scores = scores_of(self._model, values) if self._model.learned else None
        return None if scores is None else np.fromiter(scores.values(), dtype=np.float64)
