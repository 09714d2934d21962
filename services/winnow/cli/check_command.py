"""`winnow check`: is a labelled file fit to learn from?"""

from pathlib import Path
from typing import Annotated, Any

import typer

from winnow.cli.failures import CommandFailed
from winnow.cli.labelled_file import in_order_of_time, labelled_lines, to_check
from winnow.cli.record_lines import BadLine, RecordLine, count_lines
from winnow.cli.settings_options import with_settings
from winnow.cli.terminal import JsonOption, note, progress, say, say_json
from winnow.core.checks import FOLDS, Finding, LabelledRecord, all_findings
from winnow.runtime.errors import UsageError
from winnow.runtime.settings import Settings
from winnow_schemas.task import Task

SHOWN_LINES = 8

app = typer.Typer()


@app.command()
@with_settings
def check(
    settings: Settings,
    file: Annotated[Path, typer.Argument(help="Records with their `label`, JSON Lines, plain or gzip.")],
    model: Annotated[
        str | None,
        typer.Option(help="Who doubts labels; by default the committee; logistic and text_logistic are faster."),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Read so many lines only.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Check a labelled file before models learn it: contract, missing values, duplicates, balance, drift, wrong labels.

    Exit code 1 when lines break the contract or have labels that the task does not know. Asks no cluster.

    Example: winnow check labelled.jsonl.gz --task spam.yaml
    """
    if "task_file" not in settings.model_fields_set:
        raise UsageError("no task file given: --task FILE (or WINNOW_TASK_FILE)")
    task = settings.task
    good, bad = _read(file, task, limit)
    findings = [_contract(good, bad)]
    if good:
        records = to_check(in_order_of_time(good), task)
        findings += _found(records, task, model or "committee")
    _tell(findings, file, as_json)
    if bad or not good:
        raise CommandFailed(f"{len(bad)} of {len(bad) + len(good)} lines of {file} cannot be learned from: mend them")


def _read(file: Path, task: Task, limit: int | None) -> tuple[list[RecordLine], list[BadLine]]:
    good: list[RecordLine] = []
    bad: list[BadLine] = []
    with progress("read", min(count_lines(file), limit or 10**15)) as step:
        for line in labelled_lines(file, task):
            if limit is not None and len(good) + len(bad) >= limit:
                break
            if isinstance(line, BadLine):
                bad.append(line)
            else:
                good.append(line)
            step(len(good) + len(bad), "")
    return good, bad


def _contract(good: list[RecordLine], bad: list[BadLine]) -> Finding:
    if not (good or bad):
        return Finding("contract", "mend", "there is no line in it")
    if not bad:
        return Finding("contract", "fine", f"{len(good):,} labelled records, all as the contract wants them")
    first = f"line {bad[0].number}: {bad[0].problem}"
    says = f"{len(bad):,} of {len(bad) + len(good):,} lines cannot be learned from ({first})"
    return Finding("contract", "mend", says, [line.number for line in bad], {"bad_lines": float(len(bad))})


def _found(records: list[LabelledRecord], task: Task, model: str) -> list[Finding]:
    note(f"checking {len(records):,} records; {model} learns them {FOLDS} times over, to doubt labels")
    try:
        return list(all_findings(records, task, model))
    except ValueError as error:
        raise UsageError(str(error)) from None


def _tell(findings: list[Finding], file: Path, as_json: bool) -> None:
    if as_json:
        say_json({"file": str(file), "findings": [_values(finding) for finding in findings]})
        return
    say(str(file))
    for finding in findings:
        say(f"  {finding.level}  {finding.check}: {finding.says}")
        if finding.lines:
            say(f"        lines {_lines(finding)}")


def _lines(finding: Finding) -> str:
    shown = ", ".join(map(str, finding.lines[:SHOWN_LINES]))
    return f"{shown} …" if len(finding.lines) > SHOWN_LINES else shown


def _values(finding: Finding) -> dict[str, Any]:
    return {
        "check": finding.check,
        "level": finding.level,
        "says": finding.says,
        "lines": list(finding.lines),
        "figures": finding.figures,
    }
