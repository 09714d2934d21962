"""Which runs make up the benchmark, in which order, and which of them are known."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch

from benchmarks.run_cache import CACHE_FOLDER, RunCache, Values
from benchmarks.speed.clients import Program
from benchmarks.speed.code import code_of
from benchmarks.speed.measuring import Extent
from benchmarks.speed.rows import ROWS, Row

WHOLE = Extent(warm_up=3_000, cpu_s=2.0, seconds=10.0, within_s=180.0)
QUICK = Extent(warm_up=2_000, cpu_s=1.0, seconds=4.0, within_s=90.0)
ROUNDS, QUICK_ROUNDS = 5, 1
QUICK_SECONDS = 540


@dataclass(frozen=True)
class Run:
    """One program on one row, in one round."""

    row: Row
    program: Program
    round: int

    @property
    def name(self) -> str:
        """As people write it: logistic/faust."""
        return f"{self.row.name}/{self.program.name}"


class SpeedPlan:
    """The runs of some rows over some rounds, and the cache of each program's results."""

    def __init__(self, extent: Extent, rounds: int, patterns: Sequence[str] = ("*",)) -> None:
        self.extent = extent
        self.rounds = rounds
        self.rows = [row for row in ROWS if any(self._fits(row, program, patterns) for program in row.programs)]
        self._patterns = patterns
        self._caches = {
            program.name: RunCache(CACHE_FOLDER, code_of(program)) for row in ROWS for program in row.programs
        }

    @property
    def is_whole(self) -> bool:
        """Whether this is all that is ever run: only then, and when all is done, are the results to commit written."""
        return self.extent == WHOLE and self.rounds >= ROUNDS and self.rows == list(ROWS) and "*" in self._patterns

    @property
    def is_done(self) -> bool:
        """Whether every run is known."""
        return all(self.known(run) is not None for run in self.runs())

    def runs(self) -> Iterator[Run]:
        """Round by round, and in each round those that are compared one after the other, every other time backwards."""
        for number in range(self.rounds):
            for row in self.rows:
                programs = [one for one in row.programs if self._fits(row, one, self._patterns)]
                for program in programs if number % 2 == 0 else reversed(programs):
                    yield Run(row, program, number)

    def known(self, run: Run) -> Values | None:
        """What the run gave, if it was done with this code."""
        return self._caches[run.program.name].get(self._key(run), str(run.round))

    def keep(self, run: Run, values: Values) -> None:
        """What it gave."""
        self._caches[run.program.name].put(self._key(run), str(run.round), values)

    def code(self) -> dict[str, str]:
        """The hash that each program's results stand under."""
        return {name: cache.code for name, cache in self._caches.items()}

    def _key(self, run: Run) -> str:
        return f"speed/{run.name}/{run.row.shape}/{run.row.records}/{self.extent}"

    @staticmethod
    def _fits(row: Row, program: Program, patterns: Sequence[str]) -> bool:
        return any(fnmatch(f"{row.name}/{program.name}", pattern) for pattern in patterns)
