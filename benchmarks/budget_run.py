"""One run of the budget benchmark: a model that learns only what a strategy asks, judged on every record before.

Of our own strategies everything but the model's other company is as in a scorer: worth, chance, coin, and what is
remembered of a partition. The packages are asked with the scores of the same model; until there are any, they ask a
share of the budget by chance.
"""

import sys
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any, NamedTuple, Protocol

import numpy as np

from benchmarks.data_sets import DATA_SETS, DataFolder, DataSet
from benchmarks.peers.entropy_sampler import EntropySampler
from benchmarks.peers.strategy import Strategy
from benchmarks.run_cache import REPOSITORY, Values, code_hash
from benchmarks.run_process import Step, serve
from winnow.cli.replay_lines import ReplayLines
from winnow.core.decision import ASKED_ROWS, Row, within_budget
from winnow.core.models import ModelInput, Opinion, RecordReader, build, learn, opinion
from winnow.core.risk.coin import coin
from winnow.core.sampling import PartitionBudget, TaskBudget
from winnow.replay import TrueRecord
from winnow_schemas.decisions import Decision
from winnow_schemas.records import Record
from winnow_schemas.task import Task

STRATEGIES: Mapping[str, Mapping[str, Any]] = {
    "default": {},
    "uncertainty_and_novelty": {"sampling": ["uncertainty", "novelty"]},
    "within_windows": {"sampling": ["random"]},
}
"""Our own, by what a task says of them."""

ENTROPY_EXPONENTS = {"entropy_sampler": 3.0, "entropy_sampler_10": 10.0, "entropy_sampler_30": 30.0}
"""River's sampler knows no budget: its default, and larger exponents, with which it asks fewer."""

BASE = "random"
"""Random questions: a coin for each record, with the budget's share for its chance."""

DELAY_RECORDS = 200
SHARE = 0.1
WINDOW = 1_000
PACKAGES = ("river", "numpy", "scikit-activeml", "scikit-learn", "scipy")
STREAM = "budget00"

_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
_WINNOW = REPOSITORY / "services" / "winnow"
_HERE = Path(__file__)


def code() -> str:
    """What the figures rest on."""
    places = (
        *((_WINNOW / "core" / name) for name in ("models", "sampling", "voting", "decision.py", "sketch.py")),
        _HERE,
        _HERE.parent / "peers" / "scikit_activeml.py",
        _HERE.parent / "peers" / "entropy_sampler.py",
        _HERE.parent / "data_sets.py",
    )
    return code_hash(places, PACKAGES)


class Asked(NamedTuple):
    """Whether people are asked, and with what chance they were going to be: the usual one where nobody says."""

    is_asked: bool
    propensity: float = SHARE


class Asking(Protocol):
    """Decides whom to ask."""

    def asks(self, offset: int, record: Record, said: Opinion) -> Asked: ...


class WithinBudget:
    """As a scorer decides while no gate is open."""

    def __init__(self, task: Task, salt: str) -> None:
        self._budget = TaskBudget(task)
        self._partition = PartitionBudget(self._budget)
        self._salt = salt

    def asks(self, offset: int, record: Record, said: Opinion) -> Asked:
        """By the coin of the budget."""
        taught = self._budget.teaching.of_one(said.scores, said.votes)
        turn = self._partition.turn(self._budget.terms(None), Row.UNSURE, 1.0, taught, record)
        settled = within_budget(Row.UNSURE, turn.chance, coin(self._salt, STREAM, 0, offset, "budget"), 1.0)
        self._partition.passed(turn, settled)
        return Asked(settled in ASKED_ROWS, turn.chance)


class PlainCoin:
    """Random sampling, which keeps to the budget in the mean only."""

    def __init__(self, salt: str) -> None:
        self._salt = salt

    def asks(self, offset: int, record: Record, said: Opinion) -> Asked:  # noqa: ARG002
        """Whatever the record is."""
        return Asked(coin(self._salt, STREAM, 0, offset, "budget") < SHARE, SHARE)


class Package:
    """A strategy of another package, which looks at scores; before there are any, a share of the budget by chance."""

    def __init__(self, strategy: Strategy, salt: str) -> None:
        self.strategy = strategy
        self._chance = Random(salt)

    def asks(self, offset: int, record: Record, said: Opinion) -> Asked:  # noqa: ARG002
        """As the package says."""
        if said.scores is None:
            return Asked(self._chance.random() < SHARE)
        return Asked(self.strategy.asks(np.fromiter(said.scores.values(), np.float64)))


class Waiting(NamedTuple):
    """An answer on its way."""

    offset: int
    values: ModelInput
    label: str
    said: Opinion
    asked: Asked


class Course:
    """One stream, one model, one strategy. `asked` says of each record whether people were."""

    def __init__(self, task: Task, asking: Asking) -> None:
        self.right: list[bool] = []
        self.asked: list[bool] = []
        self._task = task
        self._model = build(task, task.champion)
        self._asking = asking
        self._waiting: deque[Waiting] = deque()
        self._is_taught = False

    def record(self, offset: int, record: Record, values: ModelInput, label: str) -> None:
        """Judge what the model says of it now, and ask or not."""
        while self._waiting and self._waiting[0].offset <= offset - DELAY_RECORDS:
            self._learn(self._waiting.popleft())
        said = opinion(self._model, values) if self._is_taught else Opinion(None)
        self.right.append(said.scores is not None and max(said.scores, key=said.scores.__getitem__) == label)
        asked = self._asking.asks(offset, record, said)
        self.asked.append(asked.is_asked)
        if asked.is_asked:
            self._waiting.append(Waiting(offset, values, label, said, asked))

    def _learn(self, answer: Waiting) -> None:
        self._is_taught = True
        learn(self._model, answer.values, answer.label, _decision(answer))
        if isinstance(self._asking, Package) and answer.said.scores is not None:
            scores = np.fromiter(answer.said.scores.values(), np.float64)
            self._asking.strategy.answered(scores, self._task.labels.index(answer.label), asked=True)

    def values(self) -> Values:
        """For programs."""
        sums = np.concatenate([[0], np.cumsum(self.asked)])
        ahead = np.minimum(np.arange(len(sums)) + WINDOW, len(sums) - 1)
        tenths = np.array_split(np.array(self.right, float), 10)
        return {
            "records": len(self.right),
            "accuracy": float(np.mean(self.right)),
            "asked": float(np.mean(self.asked)),
            "most_in_a_window": int((sums[ahead] - sums).max()),
            "tenths": [round(float(part.mean()), 4) for part in tenths],
        }


def _decision(answer: Waiting) -> Decision:
    """As far as learning goes by it."""
    return Decision(
        decision_id=f"{STREAM}/0/{answer.offset}",
        reason="uncertain",
        propensity=answer.asked.propensity,
        look="review",
        scores=answer.said.scores,
        votes=answer.said.votes,
        model_version=0,
        policy_version=0,
        decided_at=_EPOCH,
    )


def run(row: str, salt: str, step: Step) -> Values:
    """The figures of `data/strategy/records` under a salt; a strategy is one of `STRATEGIES`, or of a package."""
    name, strategy, records = row.split("/")
    data = DATA_SETS[name]
    task = task_of(data, strategy)
    course = Course(task, _asking(strategy, task, salt))
    reader = RecordReader(task)
    for line in ReplayLines(DataFolder.of_environment().file(data), task, int(records), step)():
        if isinstance(line, TrueRecord):
            course.record(line.offset, line.record, reader.read(line.record).values, line.label)
    return course.values()


def task_of(data: DataSet, strategy: str) -> Task:
    """With the champion that every task has by default; packages are asked in place of a strategy of the task."""
    plain = data.task("committee", 0.05).model_dump(exclude_unset=True)
    return Task.model_validate({**plain, "budget": {"share": SHARE}, **STRATEGIES.get(strategy, {})})


def _asking(strategy: str, task: Task, salt: str) -> Asking:
    if strategy in STRATEGIES:
        return WithinBudget(task, salt)
    if strategy == BASE:
        return PlainCoin(salt)
    seed = int.from_bytes(salt.encode()) % 2**31
    if strategy in ENTROPY_EXPONENTS:
        return Package(EntropySampler(seed, ENTROPY_EXPONENTS[strategy]), salt)
    from benchmarks.peers.scikit_activeml import STRATEGIES as PACKAGED  # noqa: PLC0415 - a large package

    return Package(PACKAGED[strategy](len(task.labels), seed, SHARE), salt)


if __name__ == "__main__":
    sys.exit(serve(code, run))
