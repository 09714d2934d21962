"""`winnow replay`: what a task would have cost on a labelled file, before it is let loose; or a live run, once more."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Annotated, Any

import typer
from pydantic import ValidationError

from winnow.cli.asked_lines import AskedLines
from winnow.cli.failures import CommandFailed
from winnow.cli.record_lines import count_lines
from winnow.cli.replay_lines import ReplayLines
from winnow.cli.replay_summary import say_study
from winnow.cli.settings_options import with_settings
from winnow.cli.terminal import progress, say_json
from winnow.cli.topics_replay import check_topics
from winnow.cli.topics_replay_summary import say_findings, what_differs
from winnow.replay import Conditions
from winnow.replay.course import Course
from winnow.replay.decision_log import DecisionLog
from winnow.replay.study import Plan, Study, Values
from winnow.runtime.errors import UsageError
from winnow.runtime.settings import Settings
from winnow.runtime.task_functions import named, task_functions
from winnow_schemas.task import Task

STDOUT = Path("-")

app = typer.Typer()


@app.command()
@with_settings
def replay(  # noqa: PLR0917 - typer declares options as parameters
    settings: Settings,
    file: Annotated[
        Path | None, typer.Argument(help="Records with their true `label`, JSON Lines, plain or gzip.")
    ] = None,
    from_topics: Annotated[
        bool, typer.Option("--from-topics", help="Instead of a file: make all decisions of a live run again.")
    ] = False,
    limit_differences: Annotated[
        int, typer.Option(min=0, help="With --from-topics: show so many differences of each kind.")
    ] = 20,
    model: Annotated[str | None, typer.Option(help="Another model than the task's.")] = None,
    target: Annotated[float | None, typer.Option(help="Another target error than the task's.")] = None,
    targets: Annotated[str | None, typer.Option(help="Also try these targets: 0.01,0.02,0.1")] = None,
    delay: Annotated[int, typer.Option(min=0, help="Answers come after so many records (one a second).")] = 200,
    delay_seconds: Annotated[
        float | None, typer.Option(min=0, help="Answers come after so many seconds by the records' own `at`.")
    ] = None,
    accuracy: Annotated[float, typer.Option(min=0, max=1, help="Share of reviewers' answers that are right.")] = 1.0,
    absence: Annotated[float, typer.Option(min=0, max=1, help="Share of requests that nobody answers.")] = 0.0,
    seed: Annotated[
        int, typer.Option(min=0, help="The first so many records are labelled beforehand, as by `winnow seed`.")
    ] = 0,
    limit: Annotated[int | None, typer.Option(min=1, help="Read so many lines only.")] = None,
    salt: Annotated[str, typer.Option(help="Another salt, other audits.")] = "s",
    salts: Annotated[int, typer.Option(min=1, max=100, help="Replay under so many salts: mean and range.")] = 1,
    json_out: Annotated[Path | None, typer.Option("--json", help="Write the figures here (- is stdout).")] = None,
    decisions: Annotated[Path | None, typer.Option(help="Write each decision here, JSON Lines.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write a report with plots here.")] = None,
) -> None:
    """Replay a labelled file: how much would the machine label, with what error, and what is left to people?

    The model starts empty and learns from the answers only, as it would live. With --from-topics: make every
    decision of a live run again from its record, model, policy and coin, and tell which differ (exit code 1).

    Example: winnow replay mails.jsonl.gz --task spam.yaml --targets 0.01,0.02,0.1 --html report.html

    Example: winnow replay --from-topics --task spam.yaml --bootstrap localhost:9092
    """
    if file is None or from_topics:
        _require_one(file, from_topics=from_topics, of_files=(html, decisions))
        _replay_topics(settings, limit_differences, json_out)
        return
    if "task_file" not in settings.model_fields_set:
        raise UsageError("no task file given: --task FILE (or WINNOW_TASK_FILE)")
    conditions = Conditions(
        delay_s=float(delay) if delay_seconds is None else delay_seconds,
        clock="records" if delay_seconds is None else "events",
        accuracy=accuracy,
        absence=absence,
        salt=salt,
        seeded=seed,
    )
    names = [salt, *(f"{salt}{number}" for number in range(1, salts))]
    report = _report() if html else None
    with task_functions(settings, batches=False) as functions:
        task = named(_task(settings.task, model, target), functions)
        study = Study(Plan(task, conditions, names, _numbers(targets)))
        _begin(json_out, html)
        total = min(count_lines(file), limit or 10**15) * len(_runs(study))
        with progress("replayed", total) as step, _written(decisions) as log:
            course = Course()
            lines = ReplayLines(file, task, limit, step, AskedLines(functions) if functions else None)
            study.run(lines, [course, log] if log else [course])
    values = study.as_values()
    if report and html:
        _write(html, report.page(values, course, file.name))
    _tell(values, json_out)


def _require_one(file: Path | None, *, from_topics: bool, of_files: tuple[Path | None, ...]) -> None:
    if file is None and not from_topics:
        raise UsageError("give a FILE of labelled records, or --from-topics for the live run on a cluster")
    if file is not None:
        raise UsageError("give either a FILE or --from-topics, not both")
    if any(of_files):
        raise UsageError("--html and --decisions are for a FILE: leave them out, or give a FILE")


def _replay_topics(settings: Settings, limit_differences: int, json_out: Path | None) -> None:
    _begin(json_out)
    findings = check_topics(settings, limit_differences)
    if json_out == STDOUT:
        say_json(findings.as_values())
    else:
        if json_out:
            _write(json_out, json.dumps(findings.as_values(), indent=2, default=str) + "\n")
        say_findings(findings)
    if not findings.holds:
        raise CommandFailed(f"not everything comes out again: {what_differs(findings)}")


def _task(task: Task, model: str | None, target: float | None) -> Task:
    changes: dict[str, Any] = task.model_dump()
    if model is not None:
        changes["model"] = {"champion": model}
    if target is not None:
        changes["target"] = {**changes["target"], "error": target}
    try:
        return Task.model_validate(changes)
    except ValidationError as error:
        raise UsageError(_one_line(error)) from None


def _runs(study: Study) -> list[Any]:
    try:
        return study.plan.runs
    except ValidationError as error:
        raise UsageError(f"--targets: {_one_line(error)}") from None


def _one_line(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    where = ".".join(map(str, first["loc"]))
    given = first["input"]
    found = f" (found: {given})" if isinstance(given, str | int | float) else ""
    return f"{where}: {first['msg'].removeprefix('Value error, ')}{found}"


def _numbers(text: str | None) -> list[float]:
    try:
        return [float(part) for part in (text or "").split(",") if part.strip()]
    except ValueError:
        raise UsageError(f"--targets: numbers with commas between them are wanted (found: {text})") from None


def _report() -> Any:
    try:
        from winnow.replay import report  # noqa: PLC0415 - plotly is an extra
    except ModuleNotFoundError as error:
        raise UsageError(f"--html needs {error.name}: pip install 'winnow[report]'") from None
    return report


def _begin(*paths: Path | None) -> None:
    """What cannot be written is told before the long run, not after it."""
    for path in paths:
        if path is not None and path != STDOUT:
            _opened(path).close()


@contextmanager
def _written(path: Path | None) -> Iterator[DecisionLog | None]:
    if path is None:
        yield None
        return
    with _opened(path) as out:
        log = DecisionLog(out)
        yield log
        log.close()


def _opened(path: Path) -> IO[str]:
    try:
        return path.open("w", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: cannot write it: {error.strerror}") from None


def _write(path: Path, text: str) -> None:
    with _opened(path) as out:
        out.write(text)


def _tell(values: Values, json_out: Path | None) -> None:
    if json_out == STDOUT:
        say_json(values)
        return
    if json_out:
        _write(json_out, json.dumps(values, indent=2) + "\n")
    say_study(values)
