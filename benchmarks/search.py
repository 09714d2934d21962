"""What a search over settings costs and finds: `python -m benchmarks.search`.

On each stream the champion is a model as it comes, and a search looks for better settings of it; every verdict is
taught to a classroom with the champion alone and to one with the search, turn by turn, so that their processor times
compare. All candidates go on learning in a third one, which tells how good each would have been. Log losses are those
of the verdicts after the search, of which none chose the survivor.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

from benchmarks.accuracy_run import verdict
from benchmarks.data_sets import DATA_SETS, DataFolder, DataSet
from winnow.cli.replay_lines import ReplayLines
from winnow.core.models import Opinion, RecordReader, build
from winnow.core.school import Classroom, KeptVersions, Reign, Student, TrialSet, fresh_classroom
from winnow.replay import TrueRecord
from winnow_schemas.task import Task
from winnow_schemas.task_models import ModelSpec

ROWS = (
    ("elec2", "logistic"),
    ("covertype", "logistic"),
    ("shuttle", "logistic"),
    ("flights", "logistic"),
    ("elec2", "hoeffding_tree"),
    ("spamassassin", "text_logistic"),
    ("spamassassin", "text_naive_bayes"),
    ("newsgroups", "text_logistic"),
)


WARM = 20
"""The first verdicts pay for imports and are not timed."""


class Found(NamedTuple):
    """Log losses after the search; `place` is the survivor's among all candidates and the default, the best one 1."""

    data: str
    model: str
    candidates: int
    verdicts: int
    survivor: str
    default: float
    found: float
    best: float
    place: int
    decides: str
    cost_first: float
    cost: float

    def __str__(self) -> str:
        return (
            f"{self.data:13} {self.survivor:38} of {self.candidates + 1}, after {self.verdicts:5}: default "
            f"{self.default:.4f}, found {self.found:.4f} (place {self.place}), best {self.best:.4f}; "
            f"{self.cost_first:.1f} × the processor time in round 1, {self.cost:.1f} × in all; decides: {self.decides}"
        )


def found(name: str, model: str, records: int, lessons: int | None) -> Found:
    """One row."""
    data = DATA_SETS[name]
    spec = ModelSpec.model_validate({"champion": model, "search": {"models": [model], "lessons": lessons}})
    task = data.task(model, 0.05)
    searched = task.model_copy(update={"model": spec})
    alone, with_search = fresh_classroom(task), fresh_classroom(searched)
    everyone = _without_halving(searched)
    reader, first, whole = RecordReader(task), [0.0, 0.0], [0.0, 0.0]
    ended, sums = 0, dict.fromkeys(everyone.students, 0.0)
    count = 0
    for line in _lines(data, task, records):
        values, told = reader.read(line.record).values, verdict(line, Opinion(None))
        count += 1
        for place, room in enumerate((alone, with_search)):
            began = time.process_time()
            room.teach(line.offset, told, values)
            took = time.process_time() - began
            if count > WARM and not ended:
                whole[place] += took
                first[place] += took * (with_search.search.round == 1)
        before = {student.name: student.prequential.loss for student in everyone.students.values()}
        everyone.teach(line.offset, told, values)
        if ended:
            for student in everyone.students.values():
                sums[student.name] += student.prequential.loss - 0.999 * before[student.name]
        elif with_search.search.survivor:
            ended = count
    survivor = with_search.search.survivor
    if survivor is None:
        raise SystemExit(f"{name}/{model}: the search is not over after {count} verdicts; say --records or --lessons")
    losses = {one: total / max(1, count - ended) for one, total in sums.items()}
    return Found(
        data=name,
        model=model,
        candidates=len(spec.candidates),
        verdicts=ended,
        survivor=survivor,
        default=losses[model],
        found=losses[survivor],
        best=min(losses.values()),
        place=sorted(losses, key=losses.__getitem__).index(survivor) + 1,
        decides=with_search.champion.name,
        cost_first=first[1] / first[0],
        cost=whole[1] / whole[0],
    )


def _lines(data: DataSet, task: Task, count: int) -> Iterator[TrueRecord]:
    lines = ReplayLines(DataFolder.of_environment().file(data), task, count, lambda *_: None)
    return (line for line in lines() if isinstance(line, TrueRecord))


def _without_halving(task: Task) -> Classroom:
    names = (task.champion, *task.model.candidates)
    students = [Student(name, build(task, name)) for name in names]
    return Classroom(students, Reign(task.champion, task.champion, ()), KeptVersions(), TrialSet())


def main() -> int:
    """Print a row for each stream and model."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--lessons", type=int, help="what a search may cost, for all rows")
    parser.add_argument("--only", default="", help="rows whose stream/model contains this")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    rows: list[dict[str, Any]] = []
    for name, model in ROWS:
        if asked.only in f"{name}/{model}":
            row = found(name, model, asked.records, asked.lessons)
            rows.append(row._asdict())
            print(row, file=sys.stderr, flush=True)
    if asked.json:
        print(json.dumps(rows, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
