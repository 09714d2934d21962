"""What the ledger costs and promises on streams of millions of records.

    python -m benchmarks.risk_simulations [--quick] [--jobs N]

Three questions: what a stream at half the target costs in audits and whether its certificate holds; how
many audits it takes to notice a jump of the error, however rare audits are; and whether the promise holds
against streams that wait for rare audits. Runs are kept, so it goes on where it was stopped. Only the
full form writes benchmarks/results.
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from math import ceil, sqrt
from statistics import fmean
from typing import Annotated, NamedTuple

import typer

from benchmarks.adversaries import ADVERSARIES
from benchmarks.run_cache import CACHE_FOLDER, REPOSITORY, RISK_CODE, RunCache, Values, code_hash, versions
from benchmarks.simulated_stream import SimulatedStream

RESULTS = REPOSITORY / "benchmarks" / "results"
UNCOMMITTED = CACHE_FOLDER / "results"
PACKAGES = ("numpy", "scipy")
_HERE = REPOSITORY / "benchmarks"
_CODE = (*RISK_CODE, _HERE / "simulated_stream.py", _HERE / "adversaries.py", _HERE / "risk_simulations.py")

TARGET = 0.05
ADVERSARY_TARGET = 0.1
"""A higher target ends chapters sooner, so that a stream reaches rare audits in fewer records."""

MOST_AUDITS = 26_000
MOST_AUDITS_TO_NOTICE = 100
RISK = 0.05
_JUMP = 0.3
_BLOCK = 50


@dataclass(frozen=True)
class Extent:
    """How much is simulated: `chapters` are those in which the error jumps."""

    steady_seeds: int
    steady_records: int
    jump_seeds: int
    chapters: Sequence[int]
    adversary_streams: int
    adversary_records: int


FULL = Extent(20, 10_000_000, 20, (1, 2, 3, 4), 2_000, 250_000)
QUICK = Extent(10, 500_000, 3, (1, 2), 50, 150_000)


def steady(seed: int, records: int) -> Values:
    """A constant error of half the target."""
    stream = SimulatedStream(seed, lambda _: TARGET / 2.0, TARGET).run(records)
    return {
        "audits": stream.audits,
        "not_met": stream.not_met,
        "alarms": [alarm.kind for alarm in stream.alarms],
        "ledger_rate": stream.ledger_rate,
        "wrong": stream.released_wrong,
        "wrong_at_most": stream.certificate.wrong_at_most,
        "broken_bounds": stream.broken_bounds,
        "broken_promises": stream.broken_promises,
    }


def jump(seed: int, chapter: int) -> Values:
    """The error jumps when so many chapters have passed without an alarm and some of the next one too."""
    jumped = False
    stream = SimulatedStream(seed, lambda _: _JUMP if jumped else 0.2 * TARGET, TARGET)
    while stream.policy.chapter < chapter or stream.since_chapter < 2_000:
        stream.step()
    jumped, before, rate, alarms = True, stream.heard, stream.ledger_rate, len(stream.alarms)
    while len(stream.alarms) == alarms:
        stream.step()
    return {"ledger_rate": rate, "audits": stream.audits_at_alarm[alarms] - before, "kind": stream.alarms[alarms].kind}


def adversary(name: str, seeds: range, records: int) -> Values:
    """Streams of one adversary, and in how many of them something promised was ever broken."""
    found = [SimulatedStream(seed, ADVERSARIES[name], ADVERSARY_TARGET).run(records) for seed in seeds]
    return {
        "streams": len(found),
        "bound_broken": sum(stream.broken_bounds > 0 for stream in found),
        "promise_broken": sum(stream.broken_promises > 0 for stream in found),
        "audits_got_rare": sum(stream.rarest_rate < stream.monitor.settings.audit_rate for stream in found),
        "alarms": sum(len(stream.alarms) for stream in found),
    }


class Run(NamedTuple):
    """One entry of the cache: `row` and `seed` say all that `simulate` depends on besides the code."""

    row: str
    seed: str
    simulate: Callable[[], Values]


def runs_of(extent: Extent) -> Iterator[Run]:
    """All runs, the long ones last."""
    for chapter in extent.chapters:
        for seed in range(extent.jump_seeds):
            yield Run(jump_row(chapter), str(seed), partial(jump, seed, chapter))
    each = extent.adversary_streams // len(ADVERSARIES)
    for name in ADVERSARIES:
        for first in range(0, each, _BLOCK):
            seeds = range(first, min(first + _BLOCK, each))
            work = partial(adversary, name, seeds, extent.adversary_records)
            yield Run(adversary_row(name, extent), f"{seeds.start}-{seeds.stop}", work)
    for seed in range(extent.steady_seeds):
        yield Run(steady_row(extent), str(seed), partial(steady, seed, extent.steady_records))


def jump_row(chapter: int) -> str:
    """Name of a row of the cache."""
    return f"jump/{chapter}"


def adversary_row(name: str, extent: Extent) -> str:
    """Name of a row of the cache."""
    return f"adversary/{name}/{extent.adversary_records}"


def steady_row(extent: Extent) -> str:
    """Name of a row of the cache."""
    return f"steady/{extent.steady_records}"


class Check(NamedTuple):
    """One line of the table."""

    question: str
    wanted: str
    found: str
    passed: bool


def checks(extent: Extent, known: Mapping[str, Sequence[Values]]) -> Iterator[Check]:
    """What was asked of the simulations, and what came out."""
    yield from _steady_checks(known[steady_row(extent)])
    for chapter in extent.chapters:
        yield _jump_check(known[jump_row(chapter)])
    for name in ADVERSARIES:
        yield _adversary_check(name, known[adversary_row(name, extent)])


def _steady_checks(streams: Sequence[Values]) -> Iterator[Check]:
    number = len(streams)
    audits = max(stream["audits"] for stream in streams)
    yield Check("audits in all, at most", f"≤ {MOST_AUDITS:,}", f"{audits:,}", audits <= MOST_AUDITS)
    met = sum(stream["not_met"] == 0 for stream in streams)
    least = ceil(0.9 * number)
    yield Check("certificate met throughout after 50,000", f"≥ {least} of {number}", f"{met}", met >= least)
    alarmed, most = sum("ledger" in stream["alarms"] for stream in streams), number // 5
    yield Check("streams with a false alarm", f"≤ {most} of {number}", f"{alarmed}", alarmed <= most)
    for kind, question in (("broken_bounds", "their certificate"), ("broken_promises", "target and allowances")):
        broken, may = sum(stream[kind] > 0 for stream in streams), _may_be_broken(number)
        wanted = f"≤ {int(may)} of {number}"
        yield Check(f"streams ever beyond {question}", wanted, f"{broken}", broken <= may)


def _may_be_broken(streams: int) -> float:
    """So many streams may break a promise that holds with probability 1 - δ; three standard errors for chance."""
    return RISK * streams + 3.0 * sqrt(RISK * (1.0 - RISK) * streams)


def _jump_check(jumps: Sequence[Values]) -> Check:
    audits = [jump["audits"] for jump in jumps]
    question = f"audits until a jump to 30 % is noticed, rate {100.0 * jumps[0]['ledger_rate']:.2g} %"
    found = f"{fmean(audits):.0f} in the mean, {max(audits)} at most"
    return Check(question, f"≤ {MOST_AUDITS_TO_NOTICE}", found, max(audits) <= MOST_AUDITS_TO_NOTICE)


def _adversary_check(name: str, blocks: Sequence[Values]) -> Check:
    streams, bound, promise, rare, alarms = (
        sum(block[key] for block in blocks)
        for key in ("streams", "bound_broken", "promise_broken", "audits_got_rare", "alarms")
    )
    allowed = _may_be_broken(streams)
    found = f"bound {bound}, promise {promise}; rare in {rare}; {alarms / streams:.1f} alarms each"
    passed = max(bound, promise) <= allowed
    return Check(f"promises broken: {name}", f"≤ {int(allowed)} of {streams}", found, passed)


def simulate(
    quick: Annotated[bool, typer.Option("--quick", help="A short form: some minutes.")] = False,
    jobs: Annotated[int, typer.Option(min=1, help="Runs at a time.")] = 1,
) -> None:
    """Simulate what is not known yet, then write the table."""
    extent = QUICK if quick else FULL
    cache = RunCache(CACHE_FOLDER, code_hash(_CODE, PACKAGES))
    runs = list(runs_of(extent))
    _simulate([run for run in runs if cache.get(run.row, run.seed) is None], cache, jobs)
    known: dict[str, list[Values]] = {}
    for run in runs:
        known.setdefault(run.row, []).append(cache.get(run.row, run.seed) or {})
    found = list(checks(extent, known))
    _print(found)
    folder = UNCOMMITTED if quick else RESULTS
    folder.mkdir(parents=True, exist_ok=True)
    about = {"extent": vars(extent), "code": cache.code, "versions": versions(PACKAGES)}
    values = {"about": about, "checks": [check._asdict() for check in found], "runs": known}
    (folder / "risk_simulations.json").write_text(json.dumps(values, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    print(f"written: {folder / 'risk_simulations.json'}")
    if not all(check.passed for check in found):
        raise typer.Exit(1)


def _simulate(runs: Sequence[Run], cache: RunCache, jobs: int) -> None:
    with ProcessPoolExecutor(jobs) as pool:
        waiting = {pool.submit(run.simulate): run for run in runs}
        for done, future in enumerate(as_completed(waiting), start=1):
            run = waiting[future]
            cache.put(run.row, run.seed, future.result())
            print(f"{done} of {len(runs)}: {run.row} {run.seed}", file=sys.stderr)


def _print(found: Sequence[Check]) -> None:
    for check in found:
        print(f"{'pass' if check.passed else 'FAIL'}  {check.question:62} {check.wanted:14} {check.found}")


if __name__ == "__main__":
    typer.run(simulate)
