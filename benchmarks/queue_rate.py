"""How fast the review queue takes in, gives out and comes back, with how much open, on a real Redis and a real Kafka.

    python -m benchmarks.queue_rate                 # 10,000, 100,000 and 1,000,000 open requests, then the service
    python -m benchmarks.queue_rate --quick         # 10,000 and 100,000, without the service
    python -m benchmarks.queue_rate --service       # 100,000 in the service alone
    python -m benchmarks.queue_rate --service --open 1000000

The queue alone: entries put, `next` by twenty reviewers of whom every other one answers, Redis flushed and filled
again from the worker's memory while `next` goes on. The service: requests through Kafka into the queue, `next` over
HTTP, Redis flushed while two people answer, the worker killed. Times are wall clock; beside them stands the CPU time,
which a busy machine does not stretch. Prints a table; only the whole of it is
written to `benchmarks/results/queue.json`.
"""

import argparse
import json
import os
import secrets
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import psutil
import redis
from tests.review.crowd import Crowd
from tests.review.running_review import RunningReview
from tests.support.brokers import Brokers
from tests.support.redis_server import RedisServer
from tests.support.waiting import eventually

from winnow.core.sketch import SKETCH_BYTES
from winnow.review.answers import AnswerRule
from winnow.review.open_requests import OpenRequest, OpenRequests
from winnow.review.queue_entries import BLIND_LINE, line_of
from winnow.review.queue_feed import RedisFeed, entry_of
from winnow.review.redis_queue import RedisQueue
from winnow.runtime.settings import Settings
from winnow_schemas.decisions import Decision
from winnow_schemas.review_requests import ReviewRequest

RESULTS = Path(__file__).parent / "results" / "queue.json"
SIZES = (10_000, 100_000, 1_000_000)
CALLS = 2_000
REVIEWERS = 20
PARTITIONS = 4
ASKING, ANSWERING = [f"asking {number}" for number in range(8)], ["ben", "eve"]
SERVED, CALLS_OVER_HTTP = 100_000, 500
FLUSHED_WITHIN_S = 120.0
"""A million requests are forgotten in seconds, not at once."""
RULE = AnswerRule(1, 3)
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
WORDS = [f"{one}{two}" for one in "bdfgklmnprst" for two in ("an", "ol", "ir", "ume", "ex", "oaf", "ank", "isk")]


@dataclass(frozen=True)
class Row:
    """What so many open requests cost; times of `next` in ms, rates in requests a second."""

    open: int
    put_per_second: float
    put_cpu_us: float
    redis_bytes: float
    worker_bytes: float
    next_p50: float
    next_p99: float
    next_cpu_ms: float
    refill_s: float
    refill_cpu_s: float
    next_p99_meanwhile: float


def main() -> None:
    """Measure and write down."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="10,000 and 100,000 open, and not the service")
    parser.add_argument("--service", action="store_true", help="the service alone")
    parser.add_argument("--open", type=int, default=SERVED, help=f"open requests in the service, {SERVED:,} by default")
    wanted = parser.parse_args()
    sizes = () if wanted.service else SIZES[:2] if wanted.quick else SIZES
    with tempfile.TemporaryDirectory() as directory:
        server = RedisServer(Path(directory))
        server.start()
        try:
            rows = []
            for size in sizes:
                rows.append(measured(server.url, size))
                print(told(rows[-1]), flush=True)
            service = None if wanted.quick else served(server.url, Path(directory), wanted.open)
        finally:
            server.stop()
    print(f"service: {json.dumps(service)}")
    if wanted.service or wanted.quick:
        return
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps({"queue": [asdict(row) for row in rows], "service": service}, indent=2) + "\n")
    print(f"written to {RESULTS}")


def told(row: Row) -> str:
    """One row for people."""
    return (
        f"{row.open:>9,} open: in {row.put_per_second:,.0f}/s ({row.put_cpu_us:.0f} µs CPU each), "
        f"next p50 {row.next_p50:.1f} ms, p99 {row.next_p99:.1f} ms ({row.next_cpu_ms:.1f} ms CPU), "
        f"{row.redis_bytes:.0f} bytes in Redis, {row.worker_bytes:.0f} in the worker; "
        f"back {row.refill_s:.1f} s after a flush, next p99 meanwhile {row.next_p99_meanwhile:.1f} ms"
    )


def measured(url: str, size: int) -> Row:
    """The queue alone, on an empty Redis."""
    with redis.Redis.from_url(url, socket_timeout=FLUSHED_WITHIN_S) as client:
        client.flushall()
        queue = RedisQueue(client, "bench", timedelta(minutes=5))
        before = _resident()
        tables = tables_of(size)
        worker_bytes = (_resident() - before) / size
        empty, cpu, start = _used(client), _cpu(client), time.perf_counter()
        queue.put((entry_of(request, RULE), None) for table in tables.values() for request in table)
        taken_in, put_cpu = time.perf_counter() - start, _cpu(client) - cpu
        redis_bytes = (_used(client) - empty) / size
        cpu = _cpu(client)
        latencies = list(_calls(queue, tables, CALLS))
        next_cpu = (_cpu(client) - cpu) / CALLS
        client.flushall()
        refill_s, refill_cpu, meanwhile = _refilled(client, queue, tables)
    return Row(
        open=size,
        put_per_second=size / taken_in,
        put_cpu_us=1e6 * put_cpu / size,
        redis_bytes=redis_bytes,
        worker_bytes=worker_bytes,
        next_p50=1e3 * statistics.median(latencies),
        next_p99=1e3 * _p99(latencies),
        next_cpu_ms=1e3 * next_cpu,
        refill_s=refill_s,
        refill_cpu_s=refill_cpu,
        next_p99_meanwhile=1e3 * _p99(meanwhile),
    )


def tables_of(size: int) -> dict[int, OpenRequests]:
    """So many open requests over some partitions: six lines, a quarter of them blind."""
    chance = Random(1)
    tables = {number: OpenRequests(number) for number in range(PARTITIONS)}
    lines = [line_of(reason, label) for reason in ("uncertain", "cold", "novel") for label in ("ham", "spam")]
    for number in range(size):
        is_blind, priority = chance.random() < 0.25, chance.random()
        request = OpenRequest(
            request_id=f"q8z3k1ab/{number % PARTITIONS}/{number}",
            record_id=f"record-{number:08d}",
            partition=number % PARTITIONS,
            offset=number,
            place=priority - NOON.timestamp() / 3600,
            is_audit=False,
            expires_at=NOON.timestamp() + 14 * 86_400 + number,
            written_at=NOON.timestamp() + number,
            decided_at=NOON + timedelta(seconds=number),
            priority=priority,
            kind="blind" if is_blind else "open",
            line=BLIND_LINE if is_blind else lines[number % len(lines)],
            sketch=chance.randbytes(SKETCH_BYTES),
        )
        tables[request.partition].add(request)
    return tables


def _calls(queue: RedisQueue, tables: dict[int, OpenRequests], count: int) -> Iterator[float]:
    """Seconds that `next` took, each time; every other request is answered."""
    for call in range(count):
        start = time.perf_counter()
        leases = queue.next(f"reviewer {call % REVIEWERS}", 1)
        yield time.perf_counter() - start
        for lease in leases if call % 2 else ():
            request = tables[lease.partition].find(lease.request_id)
            if request is not None:
                tables[lease.partition].close(request)
            queue.remove(lease.partition, [lease.request_id])


def _refilled(
    client: redis.Redis, queue: RedisQueue, tables: dict[int, OpenRequests]
) -> tuple[float, float, list[float]]:
    """Seconds until all is back, CPU seconds, and what `next` took meanwhile: a call after each of the loop's turns."""
    feed = RedisFeed(queue, RULE)
    feed.replace(tables)
    latencies: list[float] = []
    cpu, start = _cpu(client), time.perf_counter()
    while not feed.is_level:
        feed.tick(time.time())
        latencies += _calls(queue, tables, 1)
    return time.perf_counter() - start, _cpu(client) - cpu, latencies


def served(url: str, directory: Path, count: int) -> dict[str, float]:
    """The whole service on a real Kafka: requests in, Redis flushed, the worker killed."""
    with closing(Brokers(directory)) as brokers, redis.Redis.from_url(url) as client:
        client.flushall()
        settings = Settings(
            prefix=f"bench{secrets.token_hex(3)}",
            partitions=PARTITIONS,
            kafka={"bootstrap_servers": brokers.real.bootstrap},
            redis={"url": url},
            secrets={"salt": "a salt for benchmarks"},
        )
        with closing(RunningReview(settings, directory, max_open=2 * count)) as review:
            review.write_reviewers(*ASKING, *ANSWERING)
            review.send_requests(_requests(count))
            queue = RedisQueue(client, settings.prefix, timedelta(minutes=5))
            review.start()
            review.wait_ready()
            return _lived_through(review, queue, client, count)


def _lived_through(review: RunningReview, queue: RedisQueue, client: redis.Redis, count: int) -> dict[str, float]:
    worker = psutil.Process(review._processes["0"].pid)  # noqa: SLF001 - the benchmark looks at its worker
    begun, cpu = time.perf_counter(), _cpu_of(worker)
    missing = count - queue.counts().open
    _until(lambda: queue.counts().open >= count)
    taken_in, in_cpu = time.perf_counter() - begun, _cpu_of(worker) - cpu
    first = list(_over_http(review, 2 * len(ASKING)))
    cpu = _cpu_of(worker)
    latencies = list(_over_http(review, CALLS_OVER_HTTP))
    next_cpu = (_cpu_of(worker) - cpu) / CALLS_OVER_HTTP
    with Crowd(review.url(), ANSWERING) as crowd:
        _until(lambda: len(crowd.taken) > 100)
        given, flushed = len(crowd.taken), time.perf_counter()
        client.flushall()
        meanwhile: list[float] = []
        while not queue.is_whole(PARTITIONS):
            meanwhile += _over_http(review, 1)
        back, given = time.perf_counter() - flushed, len(crowd.taken) - given
    review.kill()
    client.flushall()
    killed = time.perf_counter()
    review.start()
    _until(lambda: queue.is_whole(PARTITIONS) and queue.counts().open >= count - 2 * len(crowd.taken))
    return {
        "open": count,
        "load": round(os.getloadavg()[0], 1),
        "in_per_second": missing / taken_in,
        "in_cpu_us": 1e6 * in_cpu / max(1, missing),
        "first_next_over_http": 1e3 * first[0],
        "next_over_http_p50": 1e3 * statistics.median(latencies),
        "next_over_http_p99": 1e3 * _p99(latencies),
        "next_over_http_cpu_ms": 1e3 * next_cpu,
        "back_after_flush_s": back,
        "answers_meanwhile": given,
        "next_over_http_p99_meanwhile": 1e3 * _p99(meanwhile),
        "back_after_kill_and_flush_s": time.perf_counter() - killed,
    }


def _cpu_of(process: psutil.Process) -> float:
    spent = process.cpu_times()
    return float(spent.user + spent.system)


def _until(is_so: Callable[[], bool]) -> None:
    eventually(is_so, within_s=600, what="the queue")


def _over_http(review: RunningReview, count: int) -> Iterator[float]:
    """Seconds that `next` took; many ask in turn, since nobody may ask more than a hundred times a second."""
    with ExitStack() as stack:
        people = [stack.enter_context(review.client(name)) for name in ASKING]
        for call in range(count):
            api = people[call % len(people)]
            start = time.perf_counter()
            answer = api.post("/v1/next", json={"count": 1}).raise_for_status()
            yield time.perf_counter() - start
            ids = [request["request_id"] for request in answer.json()["requests"]]
            if ids:
                api.post("/v1/release", json={"request_ids": ids})


def _requests(count: int) -> Iterable[ReviewRequest]:
    chance, now = Random(2), datetime.fromtimestamp(time.time(), UTC)
    for number in range(count):
        decision = Decision(
            decision_id=f"q8z3k1ab/0/{number}",
            reason="uncertain",
            propensity=1.0,
            look="review",
            label="ham",
            scores={"ham": 0.6, "spam": 0.4},
            top_probability=0.6,
            confidence=0.03,
            model_version=7,
            policy_version=3,
            epoch=1,
            decided_at=now,
        )
        yield ReviewRequest(
            request_id=decision.decision_id,
            record={"id": f"record-{number}", "text": " ".join(chance.choices(WORDS, k=25))},
            reason="uncertain",
            blind=False,
            suggestion="ham",
            scores=decision.scores,
            priority=chance.random(),
            decision=decision,
            expires_at=now + timedelta(days=14),
        )


def _p99(latencies: list[float]) -> float:
    return sorted(latencies)[int(0.99 * (len(latencies) - 1))] if latencies else float("nan")


def _used(client: redis.Redis) -> int:
    return int(_info(client, "memory")["used_memory"])


def _cpu(client: redis.Redis) -> float:
    """CPU seconds of this process and of Redis."""
    of_redis = _info(client, "cpu")
    return time.process_time() + float(of_redis["used_cpu_user"]) + float(of_redis["used_cpu_sys"])


def _info(client: redis.Redis, section: str) -> dict[str, Any]:
    found: Any = client.info(section)
    return dict(found)


def _resident() -> int:
    return psutil.Process().memory_info().rss


if __name__ == "__main__":
    main()
