"""`make bench-learning`: how much the machine may label when a committee learns in the closed loop."""

import json
import sys
from typing import Annotated

import typer

from benchmarks.bench_runs import JobsOption, QuickOption, RunOption, present_data, replace_text, run_and_write
from benchmarks.coverage_page import BEGIN, END, coverage_picture, page
from benchmarks.coverage_plan import QUICK_SECONDS, CoverageResults, coverage_plan
from benchmarks.marked_page import replaced
from benchmarks.run_cache import CACHE_FOLDER, REPOSITORY

RESULTS = REPOSITORY / "benchmarks" / "results"
UNCOMMITTED = CACHE_FOLDER / "results"
DOCS_PAGE = REPOSITORY / "docs" / "learning-results.md"

app = typer.Typer(add_completion=False)


@app.command()
def learning(
    jobs: JobsOption = None,
    rows: Annotated[str, typer.Option(help="Only these: elec2/*,shuttle/committee/0.05")] = "*",
    quick_only: QuickOption = False,
    run: RunOption = True,
) -> None:
    """Measure what a committee lets the machine label, and how wrong, on six data sets at three targets.

    Ends early and goes on later: runs that are done are kept. Only a full run writes benchmarks/results
    and docs/learning-results.md; any other one writes benchmarks/.cache/results.
    """
    plan = coverage_plan(present_data(), rows.split(","), quick=quick_only)
    if not plan.rows:
        print("no row to run: see `--rows` and the data sets that are missing", file=sys.stderr)
        raise typer.Exit(2)
    seconds = QUICK_SECONDS if quick_only else None
    run_and_write(plan.jobs, lambda: _write(plan.gathered()), at_a_time=jobs, run=run, quick_seconds=seconds)


def _write(results: CoverageResults) -> None:
    folder = RESULTS if results.plan.is_full else UNCOMMITTED
    folder.mkdir(parents=True, exist_ok=True)
    replace_text(folder / "learning.svg", coverage_picture(results))
    values = json.dumps(results.as_values(), separators=(",", ":"), sort_keys=True)
    replace_text(folder / "learning.json", values + "\n")
    written = page(results)
    replace_text(folder / "learning.md", f"# Learning benchmark\n\n{written}")
    if results.plan.is_full:
        with_pictures = written.replace("](learning.svg", "](../benchmarks/results/learning.svg")
        replace_text(DOCS_PAGE, replaced(DOCS_PAGE.read_text(encoding="utf-8"), BEGIN, END, with_pictures))
    print(f"written: {folder / 'learning.md'}")


if __name__ == "__main__":
    app()
