"""A scorer's memory over millions of records, on a real Kafka: `make soak`.

Ten million records unless told otherwise, about half an hour on two idle cores; `make soak ARGS="--records 500000"` is
a look. The stream is that of `make bench`, 18 numbers and two labels. Only so many records wait at any time and topics
keep little, so the disk is bounded too. Ends with 1 when memory was not flat.
"""

import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Annotated, NamedTuple

import typer
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType
from tests.support.kafka_topics import make_topic

from benchmarks.speed.broker import PARTITIONS, Cluster, Committed, running_cluster
from benchmarks.speed.clients import Client, running
from benchmarks.speed.deployment import Deployment
from benchmarks.speed.measuring import ClientFailed
from benchmarks.speed.plan import WHOLE
from benchmarks.speed.processor import resident_bytes
from benchmarks.speed.rows import ROWS
from benchmarks.speed.stage import Stage
from benchmarks.speed.streams import records
from winnow.runtime.errors import UsageError

WARM_UP_SHARE, TOLERANCE = 0.1, 0.1
SAMPLES = 50
_LITTLE = {"retention.bytes": "67108864", "segment.bytes": "16777216", "cleanup.policy": "delete"}
_MOST_WAITING = 100_000
_STANDS_STILL_S = 120.0

app = typer.Typer(add_completion=False)


class Sample(NamedTuple):
    """The scorer when it had decided so many records."""

    records: int
    bytes: int
    cpu_s: float


class Flatness(NamedTuple):
    """How far memory went from its middle after the warm-up, as shares: below (negative) and above."""

    lowest: float
    highest: float

    @classmethod
    def of(cls, samples: Sequence[Sample]) -> "Flatness":
        """The first tenth of the records is the warm-up."""
        warm = [sample.bytes for sample in samples if sample.records >= WARM_UP_SHARE * samples[-1].records]
        middle = statistics.median(warm)
        return cls(min(warm) / middle - 1, max(warm) / middle - 1)

    @property
    def is_flat(self) -> bool:
        """Within the tolerance."""
        return self.lowest >= -TOLERANCE and self.highest <= TOLERANCE


@app.command()
def soak(
    count: Annotated[int, typer.Option("--records", min=1_000, help="How many records.")] = 10_000_000,
) -> None:
    """Send records through one scorer and look at its memory."""
    try:
        with running_cluster() as cluster:
            samples = list(_samples(cluster, count))
    except (UsageError, ClientFailed) as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None
    flatness = Flatness.of(samples)
    print(f"memory after the warm-up: {flatness.lowest:+.1%} to {flatness.highest:+.1%} of its middle")
    raise typer.Exit(0 if flatness.is_flat else 1)


def _samples(cluster: Cluster, count: int) -> Iterator[Sample]:
    row = ROWS[0]
    deployment = Stage(cluster, WHOLE).deployment(row)
    make_topic(cluster.bootstrap, deployment.records, PARTITIONS, _LITTLE)
    deployment.renew()
    _keep_little(cluster, deployment)
    stream = records(row.shape, count)
    progress = Committed(cluster, deployment.group, deployment.records)
    with running(deployment.command, deployment.environment(), cluster.folder, None) as client:
        for number in range(1, SAMPLES + 1):
            upto = count * number // SAMPLES
            _send(cluster, deployment, stream, upto - count * (number - 1) // SAMPLES)
            least = upto if number == SAMPLES else upto - _MOST_WAITING
            yield _told(Sample(_decided(client, progress, least), resident_bytes(client.process.pid), client.cpu_s()))
    progress.close()


def _send(cluster: Cluster, deployment: Deployment, stream: Iterator[tuple[bytes, bytes]], count: int) -> None:
    cluster.fill(deployment.records, islice(stream, count))


def _decided(client: Client, progress: Committed, least: int) -> int:
    """Waits until at least so many records are decided; how many are."""
    seen, since = -1, time.monotonic()
    while (decided := progress.count()) < least:
        if client.has_ended():
            raise ClientFailed(f"the scorer ended: {client.last_words()}")
        if decided > seen:
            seen, since = decided, time.monotonic()
        if time.monotonic() - since > _STANDS_STILL_S:
            raise ClientFailed(f"the scorer stands still at {decided} records: {client.last_words()}")
        time.sleep(0.1)
    return decided


def _told(sample: Sample) -> Sample:
    per_record = 1e6 * sample.cpu_s / max(1, sample.records)
    print(f"{sample.records:>12,} records  {sample.bytes / 2**20:7.1f} MiB  {per_record:5.1f} µs a record", flush=True)
    return sample


def _keep_little(cluster: Cluster, deployment: Deployment) -> None:
    """Whatever grows with the records is thrown away again soon."""
    topics = deployment.settings.topics
    grown = [topics[name] for name in ("labels", "review-requests", "evidence", "metrics")]
    changes = [
        ConfigResource(
            ResourceType.TOPIC,
            name,
            incremental_configs=[
                ConfigEntry(*one, incremental_operation=AlterConfigOpType.SET) for one in _LITTLE.items()
            ],
        )
        for name in grown
    ]
    admin = AdminClient({"bootstrap.servers": cluster.bootstrap, "log_level": 2})
    for done in admin.incremental_alter_configs(changes).values():
        done.result(30)


if __name__ == "__main__":
    app()
