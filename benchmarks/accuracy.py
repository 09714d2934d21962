"""`make bench-learning`, second part: how right the chosen model is, and what labelling functions add."""

import json
import sys
from typing import Annotated

import typer

from benchmarks.accuracy_page import BEGIN, END, page
from benchmarks.accuracy_plan import QUICK_SECONDS, AccuracyResults, accuracy_plan
from benchmarks.bench_runs import JobsOption, QuickOption, RunOption, present_data, replace_text, run_and_write
from benchmarks.learning import DOCS_PAGE, RESULTS, UNCOMMITTED
from benchmarks.marked_page import replaced

app = typer.Typer(add_completion=False)


@app.command()
def accuracy(
    jobs: JobsOption = None,
    rows: Annotated[str, typer.Option(help="Only these: chosen/*,functions/spamassassin")] = "*",
    quick_only: QuickOption = False,
    run: RunOption = True,
) -> None:
    """Measure how right models are that learn every verdict, and the one that was chosen among them.

    Ends early and goes on later: runs that are done are kept. Only whole files are written to benchmarks/results
    and docs/learning-results.md, with what was not run named; --quick writes benchmarks/.cache/results.
    """
    plan = accuracy_plan(present_data(), rows.split(","), quick=quick_only)
    if not plan.rows:
        print("no row to run: see `--rows` and the data sets that are missing", file=sys.stderr)
        raise typer.Exit(2)
    seconds = QUICK_SECONDS if quick_only else None
    run_and_write(
        plan.jobs,
        lambda: _write(accuracy_plan(present_data(), ["*"], quick=quick_only).gathered()),
        at_a_time=jobs,
        run=run,
        quick_seconds=seconds,
    )


def _write(results: AccuracyResults) -> None:
    folder = UNCOMMITTED if results.plan.records else RESULTS
    folder.mkdir(parents=True, exist_ok=True)
    values = json.dumps(results.as_values(), separators=(",", ":"), sort_keys=True)
    replace_text(folder / "accuracy.json", values + "\n")
    written = page(results)
    replace_text(folder / "accuracy.md", f"# Accuracy benchmark\n\n{written}")
    if not results.plan.records:
        replace_text(DOCS_PAGE, replaced(DOCS_PAGE.read_text(encoding="utf-8"), BEGIN, END, written))
    print(f"written: {folder / 'accuracy.md'}")


if __name__ == "__main__":
    app()
