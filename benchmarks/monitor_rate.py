"""How many closings a second the monitor folds, and how far it lags behind: a real monitor on a real Kafka.

    python -m benchmarks.monitor_rate --rate 1500 --seconds 60

Writes evidence as scorers and review do (in transactions, by the policy in force, answers after some
seconds) and asks the monitor again and again how far it is. The lag is the age of the oldest committed
evidence that it has not folded. Takes the Kafka of WINNOW_TEST_KAFKA, else starts one (needs java and mvn).
"""

import argparse
import os
import re
import statistics
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple

import httpx
import psutil
from confluent_kafka import Message, Producer
from tests.support.brokers import Brokers, Cluster
from tests.support.waiting import eventually
from tests.support.worker_processes import Workers

from winnow.demo.free_port import free_ports
from winnow.monitor.published import CURRENT
from winnow.runtime.admin import create_topics
from winnow.runtime.follower import Follower
from winnow.runtime.settings import Settings
from winnow_schemas.base import Look
from winnow_schemas.codec import decode, encode
from winnow_schemas.evidence import Closed, Counts, LabelCounts
from winnow_schemas.policies import Policy

TASK = """
task: rate
labels: [ham, spam]
input: {text: true}
target: {error: 0.05}
"""
LABELS = ("ham", "spam")
PARTITIONS = 4
TURN_S = 0.05
ANSWERS_AFTER_S = 5.0
LOOK_EVERY_S = 0.25
WARM_UP_S = 5.0
_COUNTED = {"none": "unseen", "ledger": "ledger_audits", "extra": "extra_audits", "review": "reviews"}
_OFFSET = re.compile(rb"^winnow_monitor_evidence_offset (\S+)", re.MULTILINE)


@dataclass
class World:
    """Scorers and reviewers as evidence shows them: the machine is wrong rarely, and where it is less sure."""

    random: Random = field(default_factory=lambda: Random(1))
    policy: Policy | None = None
    _open: deque[Closed] = field(default_factory=deque)
    _next: list[int] = field(default_factory=lambda: [0] * PARTITIONS)
    _requests: int = 0

    def turn(self, requests: int, now: datetime) -> Iterator[bytes]:
        """Closings that are due, and the counts of as many records as make so many new requests."""
        while self._open and self._open[0].at <= now:
            yield encode(self._open.popleft())
        if self.policy is None:
            yield from (encode(self._counts(number, {}, 0, now)) for number in range(PARTITIONS))
            return
        for number in range(PARTITIONS):
            tallies = {label: dict.fromkeys(_COUNTED.values(), 0) for label in LABELS}
            wanted = requests // PARTITIONS + (number < requests % PARTITIONS)
            decided = 0
            while wanted:
                decided += 1
                wanted -= self._decide(self.policy, tallies, now)
            yield encode(self._counts(number, tallies, decided, now))

    def _decide(self, policy: Policy, tallies: dict[str, dict[str, int]], now: datetime) -> bool:
        label, probability = self.random.choice(LABELS), 1.0 - 0.5 * self.random.random() ** 2
        look = self._look(policy, label, probability)
        tallies[label][_COUNTED[look]] += 1
        if look != "none":
            self._ask(policy, label, probability, look, now)
        return look != "none"

    def _look(self, policy: Policy, label: str, probability: float) -> Look:
        threshold, coin = policy.thresholds.get(label), self.random.random()
        if threshold is None or probability <= threshold:
            return "review"
        if coin >= policy.audit_rate:
            return "none"
        extra = (policy.audit_rate - policy.ledger_rate) / (1.0 - policy.ledger_rate)
        return "extra" if coin < extra else "ledger"

    def _ask(self, policy: Policy, label: str, probability: float, look: Look, now: datetime) -> None:
        self._requests += 1
        closed = Closed(
            request_id=f"abcdefgh/0/{self._requests}",
            closing="wrong" if self.random.random() < 0.3 * (1.0 - probability) else "right",
            revision=1,
            reason="uncertain" if look == "review" else "audit",
            look=look,
            predicted=label,
            top_probability=probability,
            propensity=1.0 if look == "review" else policy.audit_rate,
            audit_rate=policy.audit_rate,
            ledger_rate=policy.ledger_rate,
            policy_version=policy.version,
            model_version=1,
            epoch=policy.epoch,
            decided_at=now,
            at=now + timedelta(seconds=ANSWERS_AFTER_S),
        )
        self._open.append(closed)

    def _counts(self, number: int, tallies: dict[str, dict[str, int]], decided: int, now: datetime) -> Counts:
        first, self._next[number] = self._next[number], self._next[number] + decided
        return Counts(
            stream="abcdefgh",
            partition=number,
            first=first,
            end=self._next[number],
            policy_version=-1 if self.policy is None else self.policy.version,
            model_version=1,
            labels={label: LabelCounts(**tally) for label, tally in tallies.items()},
            at=now,
        )


class Writer:
    """Transactions of evidence; `pending` are those the monitor was not seen to have folded: last offset and time."""

    def __init__(self, settings: Settings) -> None:
        self._topic = settings.topics["evidence"]
        self._producer = Producer(settings.producer_config(f"{settings.prefix}.rate"))
        self._producer.init_transactions(30)
        self._last = -1
        self.pending: deque[tuple[int, float]] = deque()
        self.written = 0

    def write(self, values: Iterator[bytes]) -> None:
        """One transaction."""
        self._producer.begin_transaction()
        for value in values:
            self._producer.produce(self._topic, value, on_delivery=self._delivered)
            self.written += b'"closing"' in value
        self._producer.commit_transaction(30)
        self.pending.append((self._last, time.monotonic()))

    def _delivered(self, error: object, message: Message) -> None:
        assert error is None, error
        self._last = message.offset()

    def lag_s(self, folded: int) -> float:
        """Age of the oldest transaction that is not folded to its end."""
        while self.pending and self.pending[0][0] <= folded:
            self.pending.popleft()
        return time.monotonic() - self.pending[0][1] if self.pending else 0.0


@dataclass
class Monitor:
    """The process that is measured."""

    port: int
    process: psutil.Process

    def folded(self) -> int:
        """Offset of the evidence that it counted last."""
        found = _OFFSET.search(httpx.get(f"http://127.0.0.1:{self.port}/metrics", timeout=10).content)
        return int(float(found[1])) if found else -1

    def cpu_s(self) -> float:
        """Processor time so far."""
        times = self.process.cpu_times()
        return float(times.user + times.system)


class Seen(NamedTuple):
    """How things stood at a time: closings written, offset folded, processor time of the monitor."""

    at: float
    written: int
    folded: int
    cpu_s: float


def measure(settings: Settings, monitor: Monitor, rate: float, seconds: float) -> None:
    """Write for so long and tell."""
    world, writer, lags = World(), Writer(settings), list[float]()
    began = time.monotonic()
    flows_at = began + ANSWERS_AFTER_S + WARM_UP_S
    ends_at, asked, look_at, before = flows_at + seconds, 0, began, None
    with closing(Follower(settings, [settings.topics["policies"]])) as follower:
        while (now := time.monotonic()) < ends_at:
            for message in follower.poll():
                if message.key == CURRENT:
                    world.policy = decode(Policy, message.value or b"")
            due = int(rate * (now - began)) - asked
            asked += due
            writer.write(world.turn(due, datetime.now(UTC)))
            if now >= look_at:
                look_at = now + LOOK_EVERY_S
                seen = Seen(now, writer.written, monitor.folded(), monitor.cpu_s())
                if now >= flows_at:
                    before = before or seen
                    lags.append(writer.lag_s(seen.folded))
            time.sleep(max(0.0, TURN_S - (time.monotonic() - now)))
    assert before is not None, "nothing was measured"
    tell(rate, before, seen, lags)
    policy = world.policy
    print(f"policy {policy.version}: {policy.state}, thresholds {policy.thresholds}" if policy else "no policy")


def tell(asked: float, before: Seen, after: Seen, lags: list[float]) -> None:
    """What came out."""
    took, cpu_s = after.at - before.at, after.cpu_s - before.cpu_s
    folded = max(1, after.folded - before.folded)
    print(f"closings a second: {(after.written - before.written) / took:.0f} (asked for: {asked:.0f})")
    print(f"lag in seconds: median {statistics.median(lags):.2f}, worst {max(lags):.2f}, last {lags[-1]:.2f}")
    print(f"monitor: {cpu_s / took:.0%} of a core, {1e6 * cpu_s / folded:.0f} µs for a piece of evidence")
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


def deployed(cluster: Cluster, directory: Path, port: int) -> Settings:
    """Settings of a deployment of its own, with all topics."""
    task = directory / "task.yaml"
    task.write_text(TASK)
    settings = Settings(
        prefix=f"rate{os.getpid()}",
        partitions=PARTITIONS,
        task_file=task,
        kafka=cluster.kafka_settings,
        http={"port": port},
        secrets={"salt": "a salt for measuring"},
    )
    create_topics(settings)
    return settings


def main() -> None:
    """Start what is needed, measure, and end it."""
    parser = argparse.ArgumentParser(description="How many closings a second the monitor folds, and its lag.")
    parser.add_argument("--rate", type=float, default=1500.0)
    parser.add_argument("--seconds", type=float, default=60.0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="monitor-rate-") as folder:
        directory = Path(folder)
        with closing(Brokers(directory)) as brokers:
            port = free_ports(1)[0]
            settings = deployed(brokers.real, directory, port)
            with Workers(settings, directory, "winnow.monitor", ()) as monitors:
                monitors.start("0")
                eventually(lambda: _is_ready(port), within_s=90, what="the monitor being ready")
                monitor = Monitor(port, psutil.Process(monitors._running["0"].pid))  # noqa: SLF001
                measure(settings, monitor, arguments.rate, arguments.seconds)


def _is_ready(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


if __name__ == "__main__":
    main()
