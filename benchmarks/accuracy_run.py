"""One run of the accuracy benchmark: models that learn every verdict of a file, or labelling functions beside them."""

import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.data_sets import DATA_SETS, DataFolder, DataSet
from benchmarks.run_cache import REPLAY_CODE, REPOSITORY, Values, code_hash
from benchmarks.run_process import Step, serve
from winnow.cli.asked_lines import AskedLines
from winnow.cli.replay_lines import ReplayLines
from winnow.core.grading import Gradebook
from winnow.core.models import Opinion, RecordReader, build, learn, opinion
from winnow.core.school import Classroom, KeptVersions, Reign, Student, TrialSet
from winnow.replay import TrueRecord
from winnow.runtime.labelling_functions import FunctionLimits, LabellingFunctions
from winnow_schemas.base import NO_POLICY, FunctionVotes
from winnow_schemas.decisions import Decision
from winnow_schemas.model_names import TABLE_MODELS, TEXT_MODELS
from winnow_schemas.task import Task
from winnow_schemas.verdicts import Verdict

RULES = REPOSITORY / "docs" / "examples" / "spam_rules.py"
SLOW = frozenset({"adaptive_random_forest"})
"""Takes ten times as long as all others together: it is run alone, and only where asked for."""

SETTLED = 500
COPIES_SETTLED = 1_000
_AT = datetime(2026, 1, 1, tzinfo=UTC)


def code() -> str:
    """What the figures rest on."""
    here = Path(__file__)
    return code_hash((*REPLAY_CODE, here, here.parent / "data_sets.py", RULES))


def run(row: str, _seed: str, step: Step) -> Values:
    """`chosen/DATA/RECORDS`, `MODEL/DATA/RECORDS` or `functions/DATA/RECORDS`."""
    what, name, records = row.split("/")
    data, count = DATA_SETS[name], int(records)
    if what == "functions":
        return functions(data, count, step)
    return taught(data, candidates(data) if what == "chosen" else (what,), count, step)


def candidates(data: DataSet) -> tuple[str, ...]:
    """The default champion, and every other kind of model for such records."""
    return ("committee", *sorted((TABLE_MODELS if data.numbers else TEXT_MODELS) - SLOW))


def taught(data: DataSet, names: tuple[str, ...], count: int, step: Step) -> Values:
    """The first model decides until another one is surely better; each is judged on a verdict before it learns it."""
    task = data.task(names[0], 0.05)
    students = [Student(name, build(task, name)) for name in names]
    room = Classroom(students, Reign(names[0], names[0], names), KeptVersions(), TrialSet())
    reader, chosen = RecordReader(task), Gradebook()
    for line in _lines(data, task, count, step):
        values = reader.read(line.record).values
        said = opinion(room.deployed.model, values)
        chosen.note(said.scores, line.label)
        room.teach(line.offset, verdict(line, said), values)
    return {
        "chosen": _grades(chosen, task),
        "models": {student.name: _grades(student.gradebook, task) for student in students},
        "champions": [change.name for change in room.take_changes() if change.change == "promoted"],
    }


def functions(data: DataSet, count: int, step: Step) -> Values:
    """Three labelling functions beside the committee's own members; and the same with a copy of the first one."""
    with LabellingFunctions(RULES, data.labels, FunctionLimits(seconds=5.0)) as asked:
        lines = list(AskedLines(asked).of(_lines(data, data.task("committee", 0.05), count, step)))
        names = asked.names
    plain, copied, alone = Beside(data, names), Beside(data, (*names, "copy")), Beside(data, ())
    moved = [0.0]
    for place, line in enumerate(lines):
        assert isinstance(line, TrueRecord)
        votes = line.function_votes or {}
        first = {"copy": votes[names[0]]} if names[0] in votes else {}
        scores = [beside.hear(line, said) for beside, said in ((plain, votes), (copied, votes | first), (alone, {}))]
        if place >= COPIES_SETTLED:
            moved.append(max(abs(scores[0][label] - scores[1][label]) for label in data.labels))
    return {**plain.as_values(), "without": alone.as_values(), "copies_move": max(moved)}


class Beside:
    """A committee with some functions, judged on each record before it learns it, and so are its members."""

    def __init__(self, data: DataSet, names: tuple[str, ...]) -> None:
        spec: Mapping[str, Any] | None = {"file": RULES.name, "names": names} if names else None
        self._task = Task.model_validate({**data.task("committee", 0.05).model_dump(), "labelling_functions": spec})
        self._model = build(self._task, "committee")
        self._reader = RecordReader(self._task)
        self._book, self._settled = Gradebook(), Gradebook()
        self._members: dict[str, list[bool]] = {}

    def hear(self, line: TrueRecord, said: FunctionVotes) -> Mapping[str, float]:
        """The scores of one record, before it is learned."""
        values = self._reader.read(line.record, said if self._task.functions else None).values
        heard = opinion(self._model, values)
        assert heard.scores is not None
        for member, votes in (heard.votes or {}).items():
            right = any(votes) and self._task.labels[int(np.argmax(votes))] == line.label
            self._members.setdefault(member, []).append(right)
        self._book.note(heard.scores, line.label)
        if self._book.verdicts > SETTLED:
            self._settled.note(heard.scores, line.label)
        learn(self._model, values, line.label, verdict(line, heard).decision)
        return heard.scores

    def as_values(self) -> Values:
        """Accuracy and calibration, and how right each member is; who abstains is not right."""
        grades = self._book.grades(self._task.labels, 0.05)
        settled = {name: right[SETTLED:] for name, right in self._members.items()}
        return {
            "log_loss": grades.log_loss,
            "calibration": [
                [tenth.share * grades.verdicts, tenth.promised, tenth.right] for tenth in grades.calibration
            ],
            "settled": self._settled.grades(self._task.labels, 0.05).accuracy,
            "members": {name: sum(right) / max(1, len(right)) for name, right in settled.items()},
        }


def verdict(line: TrueRecord, said: Opinion) -> Verdict:
    """At once, and right."""
    about: dict[str, Any] = {"reason": "uncertain", "propensity": 1.0}
    versions = {"model_version": line.offset, "policy_version": NO_POLICY}
    name = f"replay00/0/{line.offset}"
    decision = Decision(
        decision_id=name, look="review", scores=said.scores, votes=said.votes, decided_at=_AT, **versions, **about
    )
    people = {"answers": {"file": line.label}, "agreement": 1.0, "answered_at": _AT, "at": _AT}
    return Verdict(
        request_id=name, revision=1, record=line.record, label=line.label, decision=decision, **people, **about
    )


def _lines(data: DataSet, task: Task, count: int, step: Step) -> Iterator[TrueRecord]:
    lines = ReplayLines(DataFolder.of_environment().file(data), task, count, step)
    return (line for line in lines() if isinstance(line, TrueRecord))


def _grades(book: Gradebook, task: Task) -> Values:
    grades = book.grades(task.labels, task.target.error)
    return {"accuracy": grades.accuracy, "macro_f1": grades.macro_f1, "log_loss": grades.log_loss}


if __name__ == "__main__":
    sys.exit(serve(code, run))
