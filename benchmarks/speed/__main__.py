"""`make bench`: what a record costs Winnow and others: run what is not known yet, then write table and plot."""

import sys
import time
from collections.abc import Sequence
from typing import Annotated

import typer
from confluent_kafka import KafkaException

from benchmarks.run_cache import CACHE_FOLDER, REPOSITORY
from benchmarks.speed.broker import pinned_cluster
from benchmarks.speed.measuring import ClientFailed
from benchmarks.speed.plan import QUICK, QUICK_ROUNDS, QUICK_SECONDS, ROUNDS, WHOLE, Run, SpeedPlan
from benchmarks.speed.results import gather
from benchmarks.speed.speed_files import write, write_readme
from benchmarks.speed.stage import Stage
from winnow.cli.failures import CommandFailed
from winnow.runtime.errors import UsageError

app = typer.Typer(add_completion=False)


@app.command()
def speed(
    rows: Annotated[str, typer.Option(help="Only these: logistic/*,softmax/winnow")] = "*",
    rounds: Annotated[int, typer.Option(min=1, max=50, help="Runs of each program, one of each in a round.")] = ROUNDS,
    quick_only: Annotated[bool, typer.Option("--quick", help="One short round, at most 10 minutes.")] = False,
    run: Annotated[bool, typer.Option(help="--no-run: only write what is known.")] = True,
) -> None:
    """Measure the processor time per record of Winnow and of what people would take instead, on one real Kafka.

    Ends early and goes on later: runs that are done are kept. Only a full run writes benchmarks/results and the
    README's table; any other one writes benchmarks/.cache/results.
    """
    plan = SpeedPlan(QUICK, QUICK_ROUNDS, rows.split(",")) if quick_only else SpeedPlan(WHOLE, rounds, rows.split(","))
    if not plan.rows:
        print(f"no row is called {rows}", file=sys.stderr)
        raise typer.Exit(2)
    failed = 0
    try:
        if run:
            failed = _do(plan, QUICK_SECONDS if quick_only else None)
    except UsageError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None
    finally:
        _write(plan)
    if failed:
        raise typer.Exit(1)


def _write(plan: SpeedPlan) -> None:
    results = gather(plan)
    if plan.is_whole and plan.is_done:
        write(results, REPOSITORY / "benchmarks" / "results")
        write_readme(results)
    else:
        write(results, CACHE_FOLDER / "results")


def _do(plan: SpeedPlan, most_seconds: float | None) -> int:
    """How many runs did not end well."""
    pending = [run for run in plan.runs() if plan.known(run) is None]
    if not pending:
        return 0
    _require_environments(pending)
    began, failed = time.monotonic(), 0
    with pinned_cluster() as cluster:
        stage = Stage(cluster, plan.extent)
        for number, run in enumerate(pending, start=1):
            if most_seconds and time.monotonic() - began > most_seconds:
                print("time is over: the rest is left out", file=sys.stderr)
                break
            about = f"{number} of {len(pending)}: {run.name}, round {run.round + 1}"
            try:
                values = stage.run(run.row, run.program)
            except (ClientFailed, CommandFailed, KafkaException) as failure:
                failed += 1
                print(f"{about}: failed: {failure}", file=sys.stderr, flush=True)
            else:
                plan.keep(run, values)
                print(f"{about}: {values['cpu_us']:.2f} µs a record", file=sys.stderr, flush=True)
    return failed


def _require_environments(pending: Sequence[Run]) -> None:
    missing = {run.program.environment for run in pending if not run.program.python.exists()}
    if missing:
        raise UsageError(f"{', '.join(sorted(missing))} is missing: `make bench` makes it")


if __name__ == "__main__":
    app()
