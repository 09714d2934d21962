"""What people see: progress bars on a terminal, plain lines elsewhere; tables; and JSON for programs."""

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

LINE_EVERY_S = 5.0
LONGEST_NAME = 32
Step = Callable[[int, str], None]
"""Tells a progress how far it is and what else to say."""

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def say(text: str) -> None:
    """One plain line on stdout, out at once."""
    print(text, flush=True)  # noqa: T201


def complain(text: str) -> None:
    """One line on stderr."""
    print(f"winnow: {text}", file=sys.stderr, flush=True)  # noqa: T201


def note(text: str) -> None:
    """One line about how things go, on stderr: stdout stays for results."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201


def say_json(values: Any) -> None:
    """An object for programs."""
    say(json.dumps(values, indent=2, default=str))


def say_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table as wide as it needs to be, without colours unless stdout is a terminal."""
    table = Table(title=escape(title), title_justify="left", show_header=any(columns))
    for number, column in enumerate(columns):
        is_right = bool(number) and _all_numbers(rows, number)
        stays_whole = not number and _are_names(rows)
        table.add_column(column, justify="right" if is_right else "left", overflow="fold", no_wrap=stays_whole)
    for row in rows:
        table.add_row(*(escape(str(cell)) for cell in row))
    Console().print(table)


def say_pairs(title: str, values: Mapping[str, object]) -> None:
    """Names and values, a row each."""
    say_table(title, ("", ""), [(name, "" if value is None else value) for name, value in values.items()])


@contextmanager
def progress(what: str, total: int | None) -> Iterator[Step]:
    """A bar on a terminal; elsewhere a line every few seconds. Goes to stderr, stdout stays for results."""
    if sys.stderr.isatty():
        with _bar() as bar:
            task = bar.add_task(what, total=total, note="")
            yield lambda done, note: bar.update(task, completed=done, note=note)
        return
    yield _lines(what, total)


def _bar() -> Progress:
    parts = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*parts, TextColumn("{task.fields[note]}"), console=Console(stderr=True))


def _lines(what: str, total: int | None) -> Step:
    last = time.monotonic()

    def step(done: int, note: str) -> None:
        nonlocal last
        if time.monotonic() - last >= LINE_EVERY_S or done == total:
            last = time.monotonic()
            of = f" of {total}" if total is not None else ""
            print(f"{what}: {done}{of}{' ' + note if note else ''}", file=sys.stderr, flush=True)  # noqa: T201

    return step


def _are_names(rows: Sequence[Sequence[object]]) -> bool:
    return all(len(str(row[0])) <= LONGEST_NAME for row in rows)


def _all_numbers(rows: Sequence[Sequence[object]], column: int) -> bool:
    return all(isinstance(row[column], int | float) for row in rows)
