"""Labelled records that no model learns: every model is tried on the same ones before one takes another's place."""

from collections import deque
from collections.abc import Iterable, Iterator

from winnow.core.comparison import Judgement, judged
from winnow.core.grading import Labelled
from winnow.core.models import ModelInput, TaskClassifier, scores_of

MOST_RECORDS = 1_000
MOST_CHARACTERS = 4_000_000


class TrialSet:
    """The newest of them, within bounds of number and size; `added` counts all that ever came."""

    def __init__(self, records: Iterable[Labelled] = (), added: int = 0) -> None:
        self._records = deque(records)
        self._characters = sum(_size(values) for values, _ in self._records)
        self.added = added

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[Labelled]:
        return iter(self._records)

    def add(self, values: ModelInput, label: str) -> None:
        """One more."""
        self.added += 1
        self._records.append((values, label))
        self._characters += _size(values)
        while len(self._records) > MOST_RECORDS or (self._characters > MOST_CHARACTERS and len(self._records) > 1):
            gone, _ = self._records.popleft()
            self._characters -= _size(gone)

    def judge(self, model: TaskClassifier) -> list[Judgement]:
        """How a model does on each."""
        return [judged(scores_of(model, values), label) for values, label in self._records]


def _size(values: ModelInput) -> int:
    return sum(len(value) if isinstance(value, str) else 8 for value in values.values())
