"""The people of a replay: who answers what, and when. Requests wait here until their answers are due."""

import heapq
from collections.abc import Sequence
from hashlib import blake2b
from itertools import count
from typing import NamedTuple

from winnow.core.models import ModelInput
from winnow.replay.conditions import Conditions
from winnow.replay.watching import Decided
from winnow_schemas.base import Reason


class Request(NamedTuple):
    """What people are asked; `answer` is the label they will give, None when they never do."""

    decided: Decided
    reason: Reason
    values: ModelInput
    answer: str | None


class People:
    """What they answer depends on the salt and the record's offset only."""

    def __init__(self, conditions: Conditions, labels: Sequence[str]) -> None:
        self._conditions = conditions
        self._labels = labels
        self._waiting: list[tuple[float, int, Request]] = []
        self._order = count()

    def ask(self, decided: Decided, reason: Reason, values: ModelInput, now: float) -> None:
        """A request that is made now."""
        answer = self._answer(decided)
        wait = self._conditions.expires_s if answer is None else self._conditions.delay_s
        heapq.heappush(self._waiting, (now + wait, next(self._order), Request(decided, reason, values, answer)))

    def due(self, now: float) -> tuple[float, Request] | None:
        """The next request that ends by now, and when it does."""
        if not self._waiting or self._waiting[0][0] > now:
            return None
        at, _, request = heapq.heappop(self._waiting)
        return at, request

    @property
    def last_due(self) -> float | None:
        """When the last of the waiting requests ends."""
        return max((at for at, _, _ in self._waiting), default=None)

    def _answer(self, decided: Decided) -> str | None:
        if self._conditions.absence == 0.0 and self._conditions.accuracy == 1.0:
            return decided.truth
        absent, mistaken, choice = _three_fractions(f"{self._conditions.salt}|people|{decided.offset}")
        if absent < self._conditions.absence:
            return None
        others = [label for label in self._labels if label != decided.truth]
        if mistaken < self._conditions.accuracy or not others:
            return decided.truth
        return others[int(choice * len(others))]


def _three_fractions(text: str) -> tuple[float, float, float]:
    digest = blake2b(text.encode(), digest_size=24).digest()
    first, second, third = (int.from_bytes(digest[at : at + 8]) / 2**64 for at in (0, 8, 16))
    return first, second, third
