"""`winnow functions`: what the task's labelling functions are, and how they do on a file."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from winnow.cli.failures import CommandFailed
from winnow.cli.record_lines import BadLine, count_lines, read_records
from winnow.cli.settings_options import with_settings
from winnow.cli.terminal import JsonOption, complain, note, progress, say_json, say_table
from winnow.core.labelling import FunctionFigures
from winnow.runtime.errors import UsageError
from winnow.runtime.labelling_functions import FunctionLimits, Heard, LabellingFunctions
from winnow.runtime.settings import Settings

app = typer.Typer(help="Labelling functions: Python functions of yours that vote a label or abstain.")
FunctionsFile = Annotated[Path | None, typer.Option("--functions", help="Another file than the task names.")]
RecordsFile = Annotated[
    Path, typer.Argument(help="Records, with their true `label` where known; JSON Lines, plain or gzip.")
]
Seconds = Annotated[float, typer.Option(min=0.001, help="What takes longer counts as an abstention.")]
Megabytes = Annotated[int, typer.Option(min=64, help="Memory for all functions together.")]


@app.command("list")
@with_settings
def list_functions(settings: Settings, functions: FunctionsFile = None, as_json: JsonOption = False) -> None:
    """Names of the task's labelling functions, and what they say of themselves.

    Example: winnow functions list --task spam.yaml
    """
    with _asked(settings, functions, FunctionLimits()) as asked:
        if as_json:
            say_json([{"name": name, "about": about} for name, about in asked.described.items()])
            return
        rows = [(name, about.partition("\n")[0]) for name, about in asked.described.items()]
        say_table("labelling functions", ("name", "about"), rows)


@app.command("test")
@with_settings
def try_functions(  # noqa: PLR0917 - typer declares options as parameters
    settings: Settings,
    file: RecordsFile,
    functions: FunctionsFile = None,
    seconds: Seconds = 0.1,
    megabytes: Megabytes = 1024,
    as_json: JsonOption = False,
) -> None:
    """Ask the functions about a file: coverage, accuracy with 95 % intervals, overlaps, conflicts, failures.

    They run in a process of their own, without network, with limits of time and memory; an error or a call that
    takes too long counts as an abstention.

    Example: winnow functions test mails.jsonl.gz --task spam.yaml
    """
    limits = FunctionLimits(seconds, megabytes << 20)
    with _asked(settings, functions, limits) as asked, progress("asked", count_lines(file)) as step:
        figures = FunctionFigures(asked.names)
        for line in read_records(file):
            if isinstance(line, BadLine):
                complain(f"{file}:{line.number}: {line.problem}")
            else:
                _note(figures, asked.ask(line.record), line.label)
            step(figures.records, "")
    if not figures.records:
        raise CommandFailed(f"{file}: there is no record in it")
    if as_json:
        say_json(figures.as_values())
    else:
        _say(figures.as_values())


@contextmanager
def _asked(settings: Settings, functions: Path | None, limits: FunctionLimits) -> Iterator[LabellingFunctions]:
    task, named = settings.task, settings.task.labelling_functions
    if functions is None and named is None:
        raise UsageError(
            f"task {task.task} names no labelling functions: add `labelling_functions: FILE.py`, or give --functions"
        )
    file = functions or Path(settings.task_file).parent / str(named)
    with LabellingFunctions(file, task.labels, limits) as asked:
        yield asked


def _note(figures: FunctionFigures, heard: Mapping[str, Heard], label: str | None) -> None:
    figures.add({name: one.label for name, one in heard.items() if one.label is not None}, label)
    for name, one in heard.items():
        if one.outcome in {"error", "overrun"}:
            figures.failed(name, one.outcome, one.why)


def _say(values: Mapping[str, Any]) -> None:
    columns = ("function", "votes, %", "right, %", "between", "overlaps, %", "conflicts, %", "errors", "overruns")
    rows = [
        (
            name,
            _percent(one["coverage"]),
            _percent(one["accuracy"]),
            "" if one["accuracy_between"] is None else "–".join(map(_percent, one["accuracy_between"])),
            _percent(one["overlaps"]),
            _percent(one["conflicts"]),
            one["failures"].get("error", 0),
            one["failures"].get("overrun", 0),
        )
        for name, one in values["functions"].items()
    ]
    say_table(f"{values['records']} records, {values['without_any_vote']} without any vote", columns, rows)
    for name, one in values["functions"].items():
        if one["first_failure"]:
            note(f"{name}: {one['first_failure']}")


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100.0 * share:.1f}"
