"""`winnow seed`: labelled records teach the models before the first review; a part is kept back to try them on."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from winnow.cli.asked_lines import votes_about
from winnow.cli.failures import CommandFailed
from winnow.cli.labelled_file import in_order_of_time, labelled_lines
from winnow.cli.record_lines import BadLine, RecordLine
from winnow.cli.seed_verdicts import KEPT_BACK, Seeded
from winnow.cli.seed_writer import SeedWriter
from winnow.cli.settings_options import with_settings
from winnow.cli.terminal import JsonOption, complain, note, progress, say, say_json, say_table
from winnow.core.grading import architectures, trial_of
from winnow.core.models import RecordReader
from winnow.demo.report_words import count
from winnow.runtime import admin
from winnow.runtime.errors import UsageError
from winnow.runtime.settings import Settings
from winnow.runtime.task_functions import named, task_functions
from winnow_schemas.base import FunctionVotes
from winnow_schemas.model_reports import Grades
from winnow_schemas.task import Task

BROKER_WAIT_S = 5.0

Asked = tuple[RecordLine, FunctionVotes | None]
"""A line, and what the task's labelling functions say of its record."""

app = typer.Typer()


@app.command()
@with_settings
def seed(
    settings: Settings,
    file: Annotated[Path, typer.Argument(help="Records with their `label`, JSON Lines, plain or gzip.")],
    test_share: Annotated[
        float, typer.Option(min=0, max=0.9, help="Share that no model learns: the newest, to try models on.")
    ] = KEPT_BACK,
    models: Annotated[str | None, typer.Option(help="Report on these only, with commas; `none` for no report.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Teach the models a file of labelled records (field `label`). The same file twice teaches once.

    The newest records are kept back, and a report shows how every kind of model does on them that has learned the
    others. No model ever learns those: before a challenger takes the champion's place both are tried on them again.

    Example: winnow seed labelled.jsonl --task spam.yaml
    """
    task = settings.task
    names = _names(task, models)
    admin.wait_for_broker(settings, BROKER_WAIT_S)
    good, bad = _read(file, task)
    with task_functions(settings, batches=False) as functions:
        task = named(task, functions)
        heard = list(zip(good, votes_about(functions, [line.record for line in good]), strict=True))
    learned = heard[: len(heard) - int(test_share * len(heard))]
    kept = heard[len(learned) :]
    with SeedWriter(settings) as writer:
        _write(writer, learned, kept)
    trials = _trials(task, names, learned, kept) if kept else {}
    _tell({"seeded": writer.written, "known_already": writer.known, "bad_lines": bad}, len(kept), trials, as_json)
    if bad:
        raise CommandFailed(f"left out {count(bad, 'line')} of {file}: mend and send again what is bad")


def _names(task: Task, models: str | None) -> list[str]:
    known = architectures(task)
    if models is None or models == "none":
        return known if models is None else []
    names = [name.strip() for name in models.split(",")]
    for name in names:
        if name not in known:
            raise UsageError(f"--models: one of {', '.join(known)} is wanted (found: {name})")
    return names


def _read(file: Path, task: Task) -> tuple[list[RecordLine], int]:
    good: list[RecordLine] = []
    bad = 0
    for line in labelled_lines(file, task):
        if isinstance(line, BadLine):
            bad += 1
            complain(f"{file}:{line.number}: {line.problem}")
        else:
            good.append(line)
    return in_order_of_time(good), bad


def _write(writer: SeedWriter, learned: Sequence[Asked], kept: Sequence[Asked]) -> None:
    now = datetime.now(UTC)
    with progress("seeded", len(learned) + len(kept)) as step:
        for line, votes in learned:
            writer.write(Seeded(line.record, line.label or "", votes), now)
            step(writer.written + writer.known, "")
        for line, votes in kept:
            writer.write(Seeded(line.record, line.label or "", votes, "trial"), now)
            step(writer.written + writer.known, "kept back")
        writer.finish()


def _trials(task: Task, names: Sequence[str], learned: Sequence[Asked], kept: Sequence[Asked]) -> dict[str, Grades]:
    reader = RecordReader(task)
    taught, tried = (
        [(reader.read(line.record, votes).values, line.label or "") for line, votes in part] for part in (learned, kept)
    )
    grades: dict[str, Grades] = {}
    for name in names:
        note(f"{name} learns {len(taught):,} records and is tried on {len(tried):,}")
        try:
            grades[name] = trial_of(task, name, taught, tried)
        except ValueError as error:
            complain(str(error))
    return grades


def _tell(numbers: dict[str, int], kept_back: int, trials: dict[str, Grades], as_json: bool) -> None:
    if as_json:
        told = {name: grades.model_dump(mode="json") for name, grades in trials.items()}
        say_json({**numbers, "kept_back": kept_back, "trials": told})
        return
    say(", ".join(f"{name.replace('_', ' ')}: {number}" for name, number in numbers.items()))
    if trials:
        columns = ("model", "accuracy", "macro-F1", "log loss", "ECE", "coverage")
        best_first = sorted(trials.items(), key=lambda trial: trial[1].log_loss)
        target = best_first[0][1].target
        say_table(
            f"on {kept_back:,} kept back; ECE: expected calibration error; coverage at {target:.0%} error",
            columns,
            [_row(*t) for t in best_first],
        )


def _row(name: str, grades: Grades) -> tuple[str, ...]:
    figures = (grades.accuracy, grades.macro_f1, grades.log_loss, grades.calibration_error, grades.coverage)
    return (name, *(f"{figure:.3f}" for figure in figures))
