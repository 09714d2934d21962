"""What the commands of all benchmarks over the data sets share: run what is not known yet, write whole files."""

import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from benchmarks.data_sets import DATA_SETS, DataFolder
from benchmarks.run_jobs import Failure, Job, Runner, cheapest_first
from benchmarks.run_progress import RunProgress


def present_data() -> set[str]:
    """Names of the data sets that are there; says which are not, and where they come from."""
    problems = DataFolder.of_environment().problems()
    for problem in problems.values():
        print(f"left out: {problem}", file=sys.stderr)
    return DATA_SETS.keys() - problems.keys()


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
