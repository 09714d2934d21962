"""Labelling functions as members: votes that were given elsewhere, weighed by how often they came true.

Functions are weighed together: what one is worth depends on who says the same. What functions and other members know
alike, the weights of the pool sort out.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from winnow.core.labelling.function_votes import SILENT, Codes, codes_of, likeness_of, logs_of, votes_cast
from winnow.core.models.committee.growing_tables import Floats
from winnow.core.models.committee.members import Group, Input, Member, Reader
from winnow.core.models.record_input import FUNCTION_VOTES


class FunctionReader(Reader[Codes, Codes]):
    """Reads what each function voted, as rows of labels."""

    def __init__(self, names: Sequence[str], labels: Sequence[Any]) -> None:
        self.names = tuple(names)
        self.rows = {label: row for row, label in enumerate(labels)}

    def read(self, x: Input) -> Codes:
        """One code per function."""
        (codes,) = codes_of([x.get(FUNCTION_VOTES)], self.names, self.rows)
        return codes  # type: ignore[no-any-return]  # numpy's rows are of any type

    def see(self, kept: Codes) -> Codes:
        """As they were read."""
        return kept


class LabellingFunction(Member[Codes]):
    """A name and a weight in the pool: functions are weighed together, by their panel."""

    start = 0.4

    def __init__(self, name: str) -> None:
        self.name = name

    def votes(self, seen: Codes) -> Floats:
        raise NotImplementedError

    def learn(self, seen: Codes, label: int) -> None:
        """The panel does."""

    def add_label(self, label: Any) -> None:
        """The panel does."""


class FunctionPanel(Group[Codes, Codes]):
    """All labelling functions of a task.

    `counts` is functions × votes × labels, `verdicts` by label, of records about which functions were asked; the
    others are functions × functions: see `function_votes`.
    """

    reader: FunctionReader

    def __init__(self, members: Sequence[str], names: Sequence[str], labels: Sequence[Any]) -> None:
        super().__init__(FunctionReader(names, labels), [LabellingFunction(member) for member in members])
        functions = len(self.members)
        self.counts: Floats = np.zeros((functions, len(labels), len(labels)))
        self.verdicts: Floats = np.zeros(len(labels))
        self.both_wrong: Floats = np.zeros((functions, functions))
        self.some_wrong: Floats = np.zeros((functions, functions))
        self._logs: Floats | None = None

    def votes(self, x: Input) -> list[Floats]:
        if self._logs is None:
            self._logs = logs_of(self.counts, self.verdicts)
        likeness = likeness_of(self.both_wrong, self.some_wrong)
        return list(votes_cast(self.reader.read(x)[None], self._logs, likeness)[0])

    def learn(self, x: Input, label: int) -> Codes:
        codes = self.reader.learn(x)
        if FUNCTION_VOTES in x:
            self._count(codes, label)
            self._logs = None
        return codes

    def again(self, kept: Codes, label: int) -> None:
        """Those who count learn a verdict once."""

    def add_label(self, label: Any) -> None:
        self.reader.rows[label] = len(self.reader.rows)
        self.counts = np.pad(self.counts, ((0, 0), (0, 1), (0, 1)))
        self.verdicts = np.append(self.verdicts, 0.0)
        self._logs = None

    def __getstate__(self) -> dict[str, Any]:
        """Without what follows from the counts."""
        return {**self.__dict__, "_logs": None}

    def _count(self, codes: Codes, label: int) -> None:
        self.verdicts[label] += 1.0
        voted = np.flatnonzero(codes != SILENT)
        said = codes[voted]
        self.counts[voted, said, label] += 1.0
        wrong = said != label
        pairs = np.ix_(voted, voted)
        self.both_wrong[pairs] += wrong[:, None] & (said[:, None] == said[None, :])
        self.some_wrong[pairs] += wrong[:, None] | wrong[None, :]
