"""What the commands of all benchmarks over the data sets share: run what is not known yet, write whole files."""

import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.data_sets import DATA_SETS, DataFolder
from benchmarks.run_jobs import Failure, Job, Runner, cheapest_first
from benchmarks.run_progress import RunProgress

JobsOption = Annotated[int | None, typer.Option("--jobs", min=1, help="Runs at a time; 1, or 2 with --quick.")]
QuickOption = Annotated[bool, typer.Option("--quick", help="A short form, some minutes on two cores.")]
RunOption = Annotated[bool, typer.Option(help="--no-run: only write what is known.")]


def present_data() -> set[str]:
    """Names of the data sets that are there; says which are not, and where they come from."""
    problems = DataFolder.of_environment().problems()
    for problem in problems.values():
        print(f"left out: {problem}", file=sys.stderr)
    return DATA_SETS.keys() - problems.keys()


def run_and_write(
    jobs: Sequence[Job], write: Callable[[], None], *, at_a_time: int | None, run: bool, quick_seconds: float | None
) -> None:
    """Run what is not known yet, then write what is known, whatever went wrong; `quick_seconds` bound a short form.

    Raises `typer.Exit` when a run failed.
    """
    try:
        failures = run_unknown(jobs, at_a_time or (2 if quick_seconds else 1), quick_seconds) if run else []
    finally:
        write()
    if failures:
        raise typer.Exit(1)


def run_unknown(jobs: Sequence[Job], at_a_time: int, most_seconds: float | None) -> list[Failure]:
    """Do the jobs that the cache does not know, the cheapest first; what is not done in time is left."""
    pending = [job for job in cheapest_first(jobs) if not job.is_done]
    with RunProgress(len(jobs) - len(pending), pending, at_a_time) as progress:
        runner = Runner(at_a_time, progress)
        stop = threading.Timer(most_seconds, runner.stop) if most_seconds else None
        if stop:
            stop.start()
        try:
            return runner.run(pending)
        finally:
            if stop:
                stop.cancel()


def replace_text(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    unfinished = path.with_suffix(f"{path.suffix}.part")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)
