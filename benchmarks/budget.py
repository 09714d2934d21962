"""The second part of `make bench-learning`: what a model learns when people are asked about a tenth of the records."""

import json
import sys
from typing import Annotated

import typer

from benchmarks.bench_runs import JobsOption, QuickOption, RunOption, present_data, replace_text, run_and_write
from benchmarks.budget_page import BEGIN, END, budget_picture, page
from benchmarks.budget_plan import QUICK_SECONDS, BudgetResults, budget_plan
from benchmarks.learning import DOCS_PAGE, RESULTS, UNCOMMITTED
from benchmarks.marked_page import replaced

app = typer.Typer(add_completion=False)


@app.command()
def budget(
    jobs: JobsOption = None,
    strategies: Annotated[str, typer.Option(help="Only these, and random: default,margin")] = "*",
    quick_only: QuickOption = False,
    run: RunOption = True,
) -> None:
    """Compare the accuracy of a model by whom it asks, at a budget of a tenth of the records.

    Ends early and goes on later: runs that are done are kept. Only a full run writes benchmarks/results
    and docs/learning-results.md; any other one writes benchmarks/.cache/results.
    """
    plan = budget_plan(present_data(), strategies.split(","), quick=quick_only)
    if not plan.data:
        print("no data set is there", file=sys.stderr)
        raise typer.Exit(2)
    seconds = QUICK_SECONDS if quick_only else None
    run_and_write(plan.jobs, lambda: _write(plan.gathered()), at_a_time=jobs, run=run, quick_seconds=seconds)


def _write(results: BudgetResults) -> None:
    folder = RESULTS if results.plan.is_full else UNCOMMITTED
    folder.mkdir(parents=True, exist_ok=True)
    replace_text(folder / "learning-budget.svg", budget_picture(results))
    values = json.dumps(results.as_values(), separators=(",", ":"), sort_keys=True)
    replace_text(folder / "learning-budget.json", values + "\n")
    written = page(results)
    replace_text(folder / "learning-budget.md", f"# Learning benchmark: a budget\n\n{written}")
    if results.plan.is_full:
        with_picture = written.replace("](learning-", "](../benchmarks/results/learning-")
        replace_text(DOCS_PAGE, replaced(DOCS_PAGE.read_text(encoding="utf-8"), BEGIN, END, with_picture))
    print(f"written: {folder / 'learning-budget.md'}")


if __name__ == "__main__":
    app()
