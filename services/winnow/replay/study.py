"""Several replays of one file: other salts show how much is chance, other targets what they would cost."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from statistics import fmean
from typing import Any

from winnow.replay.conditions import Conditions
from winnow.replay.figures import Figures
from winnow.replay.loop import Replay
from winnow.replay.stream import Line
from winnow.replay.watching import Watcher
from winnow_schemas.task import Task

Values = dict[str, Any]

_SPREAD: dict[str, Callable[[Values], float | None]] = {
    "coverage": lambda run: run["coverage"],
    "auto": lambda run: run["auto"],
    "auto_error": lambda run: run["auto_error"],
    "worst_window": lambda run: run["worst_window"],
    "reviews": lambda run: run["reviews"]["total"],
    "audits": lambda run: run["audits"],
    "recalled": lambda run: run["recalled"],
    "first_auto": lambda run: run["first_auto"],
    "alarms": lambda run: len(run["alarms"]),
    "violations": lambda run: run["violations"],
    "best_fixed_coverage": lambda run: run["best_fixed_threshold"]["coverage"],
}


@dataclass(frozen=True, slots=True)
class Plan:
    """The runs of a study: the task's own target under all salts, then the other targets."""

    task: Task
    conditions: Conditions
    salts: Sequence[str]
    targets: Sequence[float] = ()

    @property
    def all_targets(self) -> list[float]:
        """Each once, the task's own first."""
        return list(dict.fromkeys([self.task.target.error, *self.targets]))

    @property
    def runs(self) -> list[tuple[Task, Conditions]]:
        """One task and condition for each run; raises pydantic's `ValidationError` for an impossible target."""
        tasks = [with_target(self.task, target) for target in self.all_targets]
        return [(task, replace(self.conditions, salt=salt)) for task in tasks for salt in self.salts]


@dataclass
class Study:
    """The figures of the runs so far, by target in the order of the plan."""

    plan: Plan
    runs: dict[float, list[Values]] = field(default_factory=dict)

    def run(self, lines: Callable[[], Iterable[Line]], first_watchers: Sequence[Watcher]) -> None:
        """Do all runs; each asks for the lines anew. `first_watchers` watch the first run only."""
        watchers = first_watchers
        for task, conditions in self.plan.runs:
            about = {"task": task.task, "target": task.target.error, "conditions": asdict(conditions)}
            figures = Figures(task.target.error, task.champion)
            replay = Replay(task, conditions, [figures, *watchers])
            began = time.perf_counter()
            replay.run(lines())
            values = figures.as_values(replay.monitor, time.perf_counter() - began)
            if values["first_auto"] is not None:
                values["first_auto"] -= conditions.seeded
            if replay.search:
                values["search"] = replay.search.as_values()
            watchers = ()
            self.runs.setdefault(task.target.error, []).append({**about, **values})

    @property
    def first(self) -> Values:
        """The task's own target under the first salt."""
        return self.runs[self.plan.task.target.error][0]

    def as_values(self) -> Values:
        """For programs: the first run's figures; `spread` over salts; `targets`, a summary for each."""
        values = dict(self.first)
        if len(self.plan.salts) > 1:
            own = self.runs[self.plan.task.target.error]
            values["spread"] = {"salts": list(self.plan.salts), **spread(own), "runs": own}
        if self.plan.targets:
            values["targets"] = [{"target": target, **spread(runs)} for target, runs in sorted(self.runs.items())]
        return values


def with_target(task: Task, error: float) -> Task:
    """The same task with another target; raises pydantic's `ValidationError`."""
    target = {**task.target.model_dump(), "error": error}
    return Task.model_validate({**task.model_dump(), "target": target})


def spread(runs: Sequence[Values]) -> Values:
    """Mean and range over salts of what matters most; None where no run has a value."""
    found = {name: [value for run in runs if (value := read(run)) is not None] for name, read in _SPREAD.items()}
    return {
        "mean": {name: fmean(values) if values else None for name, values in found.items()},
        "range": {name: [min(values), max(values)] if values else None for name, values in found.items()},
    }
