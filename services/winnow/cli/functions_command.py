"""`winnow functions`: what the task's labelling functions are, and how they do on a file."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer

from winnow.cli.failures import CommandFailed
from winnow.cli.record_lines import BadLine, count_lines, read_records
from winnow.cli.settings_options import with_settings
from winnow.cli.terminal import JsonOption, complain, note, progress, say_json, say_table
from winnow.core.labelling import FunctionFigures
from winnow.runtime.errors import UsageError
from winnow.runtime.labelling_functions import Heard, LabellingFunctions
from winnow.runtime.settings import Settings
from winnow.runtime.task_functions import functions_of
from winnow_schemas.task import FunctionsSpec

app = typer.Typer(help="Labelling functions: Python functions of yours that vote a label or abstain.")
FunctionsFile = Annotated[Path | None, typer.Option("--functions", help="Another file than the task names.")]
RecordsFile = Annotated[
    Path, typer.Argument(help="Records, with their true `label` where known; JSON Lines, plain or gzip.")
]
Seconds = Annotated[
    float | None,
    typer.Option(min=0.001, help="What takes longer counts as an abstention; by default as the task says."),
]
Megabytes = Annotated[
    int | None, typer.Option(min=64, help="Memory for all functions together; by default as the task says.")
]
_AT_ONCE = 100


@app.command("list")
@with_settings
def list_functions(settings: Settings, functions: FunctionsFile = None, as_json: JsonOption = False) -> None:
    """Names of the task's labelling functions, and what they say of themselves.

    Example: winnow functions list --task spam.yaml
    """
    with _asked(settings, functions) as asked:
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
    seconds: Seconds = None,
    megabytes: Megabytes = None,
    as_json: JsonOption = False,
) -> None:
    """Ask the functions about a file: coverage, accuracy with 95 % intervals, overlaps, conflicts, failures.

    They run in a process of their own, without network, with limits of time and memory; an error or a call that
    takes too long counts as an abstention.

    Example: winnow functions test mails.jsonl.gz --task spam.yaml
    """
    limits = {"seconds": seconds, "megabytes": megabytes}
    with _asked(settings, functions, **limits) as asked, progress("asked", count_lines(file)) as step:
        figures = FunctionFigures(asked.names)
        lines = read_records(file)
        while portion := list(islice(lines, _AT_ONCE)):
            for bad in (line for line in portion if isinstance(line, BadLine)):
                complain(f"{file}:{bad.number}: {bad.problem}")
            good = [line for line in portion if not isinstance(line, BadLine)]
            for line, heard in zip(good, asked.ask([line.record for line in good]), strict=True):
                _note(figures, heard, line.label)
            step(figures.records, "")
    if not figures.records:
        raise CommandFailed(f"{file}: there is no record in it")
    if as_json:
        say_json(figures.as_values())
    else:
        _say(figures.as_values())


@contextmanager
def _asked(settings: Settings, file: Path | None, **limits: float | None) -> Iterator[LabellingFunctions]:
    """The task's functions, or all of another file; `limits` that are None are the task's."""
    task, spec = settings.task, settings.task.labelling_functions
    if file is None and spec is None:
        raise UsageError(
            f"task {task.task} names no labelling functions: add `labelling_functions: FILE.py`, or give --functions"
        )
    changes: dict[str, Any] = {name: limit for name, limit in limits.items() if limit is not None}
    if file is not None:
        changes |= {"file": str(file.resolve()), "names": ()}
    spec = FunctionsSpec.model_validate({**(spec.model_dump() if spec else {}), **changes})
    with functions_of(settings, spec, batches=False) as asked:
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
