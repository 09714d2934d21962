"""`make bench-latency`: from a record that is due to its label, readable by a consumer that reads committed only.

Broker, producer, scorer and consumer share the machine, nothing is pinned. The first seconds are left out.
"""

import json
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Annotated, NamedTuple

import httpx
import numpy as np
import typer
from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition
from tests.support.waiting import eventually

from benchmarks.run_cache import CACHE_FOLDER, REPOSITORY, Values
from benchmarks.speed.broker import PARTITIONS, Cluster, running_cluster
from benchmarks.speed.champion import LEARNER
from benchmarks.speed.clients import running
from benchmarks.speed.deployment import Deployment, taught, write_verdicts
from benchmarks.speed.paced import SHAPE, due_at, number_of
from benchmarks.speed.results import commit, machine
from benchmarks.speed.rows import VERDICTS
from winnow.runtime.errors import UsageError

RATES = (1_000, 5_000, 20_000)
WARM_UP_S, MEASURED_S = 5.0, 15.0
WANTED_P99_MS = {20_000: 150.0}
_MODEL, _THRESHOLD = "logistic", 0.75
_READY_WITHIN_S = 90.0
_LATEST_S = 60.0

app = typer.Typer(add_completion=False)


class Latency(NamedTuple):
    """Milliseconds, of one stream."""

    p50: float
    p95: float
    p99: float
    highest: float
    records: int

    @classmethod
    def of(cls, seconds: Sequence[float]) -> "Latency":
        """Of all measured records."""
        p50, p95, p99, highest = (1000.0 * np.percentile(np.asarray(seconds), (50, 95, 99, 100))).tolist()
        return cls(p50, p95, p99, highest, len(seconds))


@app.command()
def latency(
    rounds: Annotated[int, typer.Option(min=1, help="Streams at each rate.")] = 3,
    quick_only: Annotated[bool, typer.Option("--quick", help="One stream at each rate.")] = False,
) -> None:
    """Measure the latency at 1,000, 5,000 and 20,000 records a second on one real Kafka."""
    rounds = 1 if quick_only else rounds
    try:
        with running_cluster() as cluster:
            measured = {rate: [_stream(cluster, rate, number) for number in range(rounds)] for rate in RATES}
    except UsageError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None
    _write(measured, {"commit": commit(), "machine": machine()}, is_whole=not quick_only)


def table(measured: Mapping[int, Sequence[Latency]]) -> str:
    """The median of each figure over the streams of a rate."""
    lines = [
        "| records/s | p50, ms | p95, ms | p99, ms | highest, ms | p99 of each stream |",
        "|--:|--:|--:|--:|--:|---|",
    ]
    for rate, streams in measured.items():
        p50, p95, p99, highest, _ = (statistics.median(figures) for figures in zip(*streams, strict=True))
        each = ", ".join(f"{stream.p99:.0f}" for stream in streams)
        lines.append(f"| {rate:,} | {p50:.0f} | {p95:.0f} | {p99:.0f} | {highest:.0f} | {each} |")
    return "\n".join(lines)


def _write(measured: Mapping[int, Sequence[Latency]], about: Values, *, is_whole: bool) -> None:
    folder = REPOSITORY / "benchmarks" / "results" if is_whole else CACHE_FOLDER / "results"
    folder.mkdir(parents=True, exist_ok=True)
    text = table(measured)
    said = f"Measured at {about['commit']} on {about['machine']}."
    (folder / "latency.md").write_text(f"# From record to label\n\n{__doc__}\n\n{text}\n\n{said}\n", encoding="utf-8")
    values = {
        "about": about,
        "streams": {rate: [one._asdict() for one in streams] for rate, streams in measured.items()},
    }
    (folder / "latency.json").write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
    print(text)


def _stream(cluster: Cluster, rate: int, number: int) -> Latency:
    prefix = f"latency-{rate}-{number}"
    folder = cluster.folder / prefix
    folder.mkdir()
    task = SHAPE.task(_MODEL)
    labelled = write_verdicts(folder / "verdicts.jsonl", SHAPE, VERDICTS)
    models = taught(cluster, prefix, task, labelled, LEARNER)
    deployment = Deployment(cluster, prefix, task, models, _THRESHOLD)
    deployment.renew()
    environment = deployment.environment()
    with running(deployment.command, environment, folder, None):
        eventually(lambda: _is_ready(environment), within_s=_READY_WITHIN_S, what="the scorer being ready")
        return _measured(cluster, deployment, rate)


def _measured(cluster: Cluster, deployment: Deployment, rate: int) -> Latency:
    start, seconds = time.time() + 2.0, WARM_UP_S + MEASURED_S
    command = [sys.executable, "-m", "benchmarks.speed.paced", cluster.bootstrap, deployment.records]
    with running([*command, *map(str, (rate, seconds, start))], {}, cluster.folder, None):
        arrived = _arrivals(cluster, deployment, int(rate * seconds), start + seconds + _LATEST_S)
    first = int(rate * WARM_UP_S)
    return Latency.of([at - due_at(number, rate, start) for number, at in arrived.items() if number >= first])


def _arrivals(cluster: Cluster, deployment: Deployment, total: int, deadline: float) -> dict[int, float]:
    """When the outcome of each record could be read first, by its number."""
    config = deployment.settings.consumer_config("latency") | {"bootstrap.servers": cluster.bootstrap}
    consumer = Consumer(config)
    topics = [deployment.settings.topics[name] for name in ("labels", "review-requests")]
    consumer.assign(
        [TopicPartition(topic, number, OFFSET_BEGINNING) for topic in topics for number in range(PARTITIONS)]
    )
    arrived: dict[int, float] = {}
    while len(arrived) < total:
        messages = consumer.consume(2_000, 0.01)
        now = time.time()
        for message in messages:
            if message.error() is None:
                arrived.setdefault(number_of(message.key()), now)
        if now > deadline:
            raise UsageError(
                f"{len(arrived):,} of {total:,} records came through: this machine is too busy for the rate"
            )
    consumer.close()
    return arrived


def _is_ready(environment: Mapping[str, str]) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{environment['WINNOW_HTTP__PORT']}/readyz", timeout=2).is_success
    except httpx.HTTPError:
        return False


if __name__ == "__main__":
    app()
