"""What the runs say: ratios in pairs, medians and spreads, and the raw runs for programs."""

import os
import platform
import re
import statistics
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from benchmarks.run_cache import REPOSITORY, Values, versions
from benchmarks.speed.broker import KAFKA_VERSION
from benchmarks.speed.clients import PEERS, WINNOW
from benchmarks.speed.code import PACKAGES
from benchmarks.speed.plan import SpeedPlan
from benchmarks.speed.processor import model_name
from benchmarks.speed.rows import COMPARISONS, Comparison

_PEER_PACKAGES = {"faust": "faust-streaming", "quix": "quixstreams"}

Runs = Mapping[str, Mapping[str, Mapping[int, Values]]]
"""By row, then by program, then by round."""


@dataclass(frozen=True)
class Spread:
    """The median of some figures, and the lowest and the highest."""

    median: float
    lowest: float
    highest: float

    @classmethod
    def of(cls, figures: Sequence[float]) -> "Spread | None":
        """None when there are none."""
        return cls(statistics.median(figures), min(figures), max(figures)) if figures else None


@dataclass(frozen=True)
class SpeedResults:
    """All that is known of a plan's runs."""

    runs: Runs
    about: Mapping[str, Any]

    def cpu_us(self, row: str, program: str) -> Spread | None:
        """Processor time per record."""
        return Spread.of([run["cpu_us"] for run in self._of(row, program).values()])

    def records_per_second(self, row: str, program: str) -> Spread | None:
        """As the clock on the wall has it."""
        return Spread.of([run["records_per_second"] for run in self._of(row, program).values()])

    def ratio(self, comparison: Comparison) -> Spread | None:
        """How many times as fast Winnow was in the same round."""
        ours, theirs = self._of(comparison.row, WINNOW.name), self._of(comparison.row, comparison.other)
        pairs = [theirs[number]["cpu_us"] / ours[number]["cpu_us"] for number in sorted(ours.keys() & theirs.keys())]
        return Spread.of(pairs)

    def as_values(self) -> Values:
        """For programs: the ratios beside everything they were made of."""
        ratios = {one.name: spread for one in COMPARISONS if (spread := self.ratio(one))}
        return {
            "ratios": {name: round(spread.median, 4) for name, spread in ratios.items()},
            "spreads": {name: [round(spread.lowest, 4), round(spread.highest, 4)] for name, spread in ratios.items()},
            "wanted": {one.name: one.at_least for one in COMPARISONS},
            "about": dict(self.about),
            "runs": {
                row: {program: [rounds[number] for number in sorted(rounds)] for program, rounds in programs.items()}
                for row, programs in self.runs.items()
            },
        }

    def _of(self, row: str, program: str) -> Mapping[int, Values]:
        return self.runs.get(row, {}).get(program, {})


def gather(plan: SpeedPlan) -> SpeedResults:
    """What the cache knows; a run that is not done is left out."""
    runs: dict[str, dict[str, dict[int, Values]]] = {}
    for run in plan.runs():
        if values := plan.known(run):
            runs.setdefault(run.row.name, {}).setdefault(run.program.name, {})[run.round] = values
    return SpeedResults(runs, _about(plan))


def _about(plan: SpeedPlan) -> dict[str, Any]:
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "rounds": plan.rounds,
        "code": plan.code(),
        "machine": machine(),
        "versions": {"python": platform.python_version(), "kafka": KAFKA_VERSION, **versions(PACKAGES), **_peers()},
    }


def machine() -> dict[str, Any]:
    """The processor, its cores, and how many processes wanted them."""
    return {"processor": model_name(), "cores": os.cpu_count(), "load": [round(each, 1) for each in os.getloadavg()]}


def commit() -> str:
    """What is checked out, with a mark when it was changed."""
    said = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=12"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    return said.stdout.strip() or "unknown"


def _peers() -> dict[str, str]:
    found = {}
    for peer in PEERS:
        assert peer.lock
        name = _PEER_PACKAGES.get(peer.name, peer.name)
        match = re.search(rf"^{name}==(\S+)", peer.lock.read_text(encoding="utf-8"), re.MULTILINE)
        found[name] = match[1] if match else "unknown"
    return found
