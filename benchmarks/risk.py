"""`make bench-risk`: the risk benchmark: run what is not known yet, then write the tables and plots."""

import json
import sys
from typing import Annotated

import typer

from benchmarks.bench_runs import JobsOption, QuickOption, RunOption, present_data, replace_text, run_and_write
from benchmarks.risk_page import page, write_into
from benchmarks.risk_plan import QUICK_SECONDS, RiskPlan, narrowed, quick, whole, with_data
from benchmarks.risk_plots import plots
from benchmarks.risk_results import RiskResults, gather
from benchmarks.risk_simulations import simulate
from benchmarks.run_cache import CACHE_FOLDER, REPOSITORY

RESULTS = REPOSITORY / "benchmarks" / "results"
UNCOMMITTED = CACHE_FOLDER / "results"
DOCS_PAGE = REPOSITORY / "docs" / "risk-results.md"

app = typer.Typer(add_completion=False)


@app.command()
def risk(
    jobs: JobsOption = None,
    rows: Annotated[str | None, typer.Option(help="Only these: elec2/*,shuttle/logistic/0.05")] = None,
    salts: Annotated[int, typer.Option(min=1, max=100, help="Runs a row.")] = 5,
    quick_only: QuickOption = False,
    run: RunOption = True,
) -> None:
    """Measure what Winnow labels, and how wrong, on six data sets; and what others do there.

    Ends early and goes on later: runs that are done are kept. Only a full run writes benchmarks/results
    and docs/risk-results.md; any other one writes benchmarks/.cache/results. Simulations on millions of
    made-up records follow (`risk_simulations`), unless only some rows are asked for.
    """
    extent = with_data(quick() if quick_only else whole(salts), present_data())
    if rows:
        extent = narrowed(extent, rows.split(","))
    if not extent.rows:
        print("no row to run: see `--rows` and the data sets that are missing", file=sys.stderr)
        raise typer.Exit(2)
    plan = RiskPlan(extent)
    seconds = QUICK_SECONDS if quick_only else None
    run_and_write(plan.jobs, lambda: _write(gather(plan)), at_a_time=jobs, run=run, quick_seconds=seconds)
    if run and not rows:
        simulate(quick=quick_only, jobs=jobs or 1)


def _write(results: RiskResults) -> None:
    folder = RESULTS if results.extent.is_full else UNCOMMITTED
    folder.mkdir(parents=True, exist_ok=True)
    for name, picture in plots(results).items():
        replace_text(folder / f"{name}.svg", picture)
    replace_text(folder / "risk.json", json.dumps(results.as_values(), separators=(",", ":"), sort_keys=True) + "\n")
    text = page(results)
    replace_text(folder / "risk.md", f"# Risk benchmark\n\n{text}")
    if results.extent.is_full:
        replace_text(DOCS_PAGE, write_into(DOCS_PAGE.read_text(encoding="utf-8"), text, "../benchmarks/results/"))
    print(f"written: {folder / 'risk.md'}")


if __name__ == "__main__":
    app()
