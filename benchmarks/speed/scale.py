"""`make bench-scale`: one and two scorers, and what a record costs with more features, labels and words.

Two scorers and a broker share all cores; each round measures one scorer and two, one after the other, by the clock.
What a record costs is processor time, with the client on a core of its own, as in `make bench`; beside it stands what
the cost model of docs/scaling.md says.
"""

import json
import statistics
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.run_cache import CACHE_FOLDER, REPOSITORY, Values
from benchmarks.speed.broker import Committed, pinned_cluster, running_cluster
from benchmarks.speed.clients import PASS_THROUGH, WINNOW, Client, running
from benchmarks.speed.cost_model import REFERENCE_PASS_THROUGH_US, Workload, cost
from benchmarks.speed.measuring import Extent, Window, measured
from benchmarks.speed.results import Spread, commit, machine
from benchmarks.speed.rows import ROWS, Row
from benchmarks.speed.stage import Stage
from benchmarks.speed.streams import Shape, records
from winnow.runtime.errors import UsageError

SIZES = Extent(warm_up=1_000, cpu_s=2.0, seconds=8.0, within_s=180.0)
PROCESSES = Extent(warm_up=30_000, cpu_s=float("inf"), seconds=8.0, within_s=120.0)
PROCESS_ROUNDS, SIZE_RUNS = 5, 3
WANTED_BY_TWO = 1.3
FEATURES, LABELS, WORDS = [10, 100, 1_000], [2, 10, 100], [2_000, 20_000, 200_000]
_MOST_BYTES = 150_000_000

app = typer.Typer(add_completion=False)


@app.command()
def scale(
    quick_only: Annotated[bool, typer.Option("--quick", help="One round, and the ends of each scale.")] = False,
) -> None:
    """Measure how the scorer's cost grows, and what a second process brings."""
    try:
        with pinned_cluster() as cluster:
            stage = Stage(cluster, SIZES)
            passed = statistics.median(stage.run(ROWS[0], PASS_THROUGH)["cpu_us"] for _ in range(SIZE_RUNS))
            unit = passed / REFERENCE_PASS_THROUGH_US
            costs = [_sized(stage, row, unit) for row in sized_rows(quick_only)]
        with running_cluster() as cluster:
            rates = _processes(Stage(cluster, PROCESSES), cluster.folder, 1 if quick_only else PROCESS_ROUNDS)
    except UsageError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None
    _write({"about": {"commit": commit(), "machine": machine(), "unit": unit}, "costs": costs, "processes": rates})


def sized_rows(ends_only: bool) -> Iterator[Row]:
    """The rows of `make bench` but for those of other models, and then longer and longer ones."""
    step = 2 if ends_only else 1
    yield from ROWS
    for number in FEATURES[::step]:
        yield _row(f"features-{number}", "logistic", "logistic", Shape(f"features-{number}", 2, features=number))
    for number in LABELS[::step]:
        river = "logistic" if number == 2 else "softmax"
        yield _row(f"labels-{number}", "logistic", river, Shape(f"labels-{number}", number, features=18))
    for number in WORDS[::step]:
        shape = Shape(f"vocabulary-{number}", 2, vocabulary=number)
        yield _row(f"vocabulary-{number}", "text_naive_bayes", "text_naive_bayes", shape)


def _row(name: str, model: str, river: str, shape: Shape) -> Row:
    return Row(name, name.replace("-", " "), model, river, shape, min(200_000, _MOST_BYTES // _bytes(shape)), (WINNOW,))


def _bytes(shape: Shape) -> int:
    """Of a record with its key."""
    key, value = next(records(shape, 1))
    return len(key) + len(value)


def _sized(stage: Stage, row: Row, unit: float) -> Values:
    found = statistics.median(stage.run(row, WINNOW)["cpu_us"] for _ in range(SIZE_RUNS))
    said = unit * cost(Workload.of(row)).total
    print(f"{row.title}: {found:.1f} µs, the model says {said:.1f}", file=sys.stderr, flush=True)
    return {"row": row.title, "cpu_us": found, "model_us": said}


def _processes(stage: Stage, folder: Path, rounds: int) -> dict[str, Any]:
    rates: dict[int, list[float]] = {1: [], 2: []}
    for number in range(rounds):
        for scorers in (1, 2) if number % 2 == 0 else (2, 1):
            rates[scorers].append(_rate(stage, folder, scorers))
            print(f"{scorers} scorers: {rates[scorers][-1]:,.0f} records/s", file=sys.stderr, flush=True)
    ratios = [two / one for one, two in zip(rates[1], rates[2], strict=True)]
    return {"1": rates[1], "2": rates[2], "ratios": ratios}


def _rate(stage: Stage, folder: Path, scorers: int) -> float:
    deployment = stage.ready(ROWS[0])
    progress = Committed(stage.cluster, deployment.group, deployment.records)
    with ExitStack() as stack:
        clients: list[Client] = []
        for slot in range(scorers):
            own = folder / f"scorer-{slot}"
            own.mkdir(exist_ok=True)
            environment = deployment.environment(str(slot))
            clients.append(stack.enter_context(running(deployment.command, environment, own, None)))
        window = Window(PROCESSES, ROWS[0].records)
        result = measured(window, progress, lambda: 0.0, lambda: any(client.has_ended() for client in clients))
        progress.close()
    return result.records / result.seconds


def page(values: Mapping[str, Any]) -> str:
    """Both tables."""
    about, processes = values["about"], values["processes"]
    ratio = Spread.of(processes["ratios"])
    assert ratio
    one, two = (statistics.median(processes[number]) for number in ("1", "2"))
    by_two = (
        f"One scorer {one:,.0f} records/s, two {two:,.0f}: **{ratio.median:.2f} times** as many"
        f" ({ratio.lowest:.2f}–{ratio.highest:.2f} over {len(processes['ratios'])} rounds; wanted ≥ {WANTED_BY_TWO})."
    )
    said = f"Measured at {about['commit']} on {about['machine']}, with the model in units of {about['unit']:.2f}."
    return f"# How it scales\n\n{__doc__}\n\n{by_two}\n\n{_costs(values['costs'])}\n\n{said}\n"


def _costs(costs: Sequence[Mapping[str, Any]]) -> str:
    lines = ["| | CPU, µs a record | the model says | apart |", "|---|--:|--:|--:|"]
    for one in costs:
        apart = one["model_us"] / one["cpu_us"] - 1.0
        lines.append(f"| {one['row']} | {one['cpu_us']:.1f} | {one['model_us']:.1f} | {100 * apart:+.0f} % |")
    return "\n".join(lines)


def _write(values: Values) -> None:
    folder = (
        CACHE_FOLDER / "results" if len(values["processes"]["ratios"]) == 1 else REPOSITORY / "benchmarks" / "results"
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "scale.md").write_text(page(values), encoding="utf-8")
    (folder / "scale.json").write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
    print(page(values))


if __name__ == "__main__":
    app()
