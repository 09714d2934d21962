"""Which runs make up the risk benchmark, and how much of it is done this time."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from fnmatch import fnmatch

from benchmarks import peer_run, replay_run
from benchmarks.peers.choices import NAMES
from benchmarks.risk_rows import ROWS, Row
from benchmarks.run_cache import CACHE_FOLDER, RunCache
from benchmarks.run_jobs import Job

PEER_TARGET = 0.05
PEER_PAIRS = (
    "elec2/logistic",
    "covertype/logistic",
    "flights/logistic",
    "shuttle/gaussian_naive_bayes",
    "spamassassin/text_naive_bayes",
    "newsgroups/text_naive_bayes",
)
PEER_SEED = "0"
QUICK_RECORDS = 4_000
QUICK_SECONDS = 540

_REPLAYED_PER_SECOND = {"adaptive_random_forest": 500.0, "hoeffding_tree": 700.0}
_PEERS_PER_SECOND = {"every": 350.0, "probabilistic": 500.0, "variable_uncertainty": 800.0, "split": 700.0}
_SLOW_PEERS_PER_SECOND = 40.0
_USUAL_PER_SECOND = 1_000.0


@dataclass(frozen=True)
class Extent:
    """How much is run: `salts` runs a row, at most `records` of each file, rows and peers chosen by name."""

    salts: int
    records: int | None
    rows: tuple[Row, ...]
    pairs: tuple[str, ...]
    own_queries: tuple[str, ...]
    is_quick: bool

    @property
    def is_full(self) -> bool:
        """Whether this is all that is ever run: only then are the committed results written anew."""
        return not self.is_quick and self.rows == ROWS and self.pairs == PEER_PAIRS and self.salts == 5

    @property
    def salt_names(self) -> list[str]:
        """As `winnow replay --salts` calls them."""
        return ["s", *(f"s{number}" for number in range(1, self.salts))]

    def length(self, row: Row) -> int:
        """Records of a row's file that are read."""
        return min(row.data.length, self.records or row.data.length)


def whole(salts: int) -> Extent:
    """All rows, all records."""
    return Extent(salts, None, ROWS, PEER_PAIRS, tuple(NAMES), is_quick=False)


def quick() -> Extent:
    """One salt, the first records, one target, and without the slowest peer: some minutes on two cores."""
    rows = tuple(row for row in ROWS if row.target == PEER_TARGET)
    own = tuple(name for name in NAMES if name != "probabilistic")
    return Extent(1, QUICK_RECORDS, rows, PEER_PAIRS, own, is_quick=True)


def narrowed(extent: Extent, patterns: Sequence[str]) -> Extent:
    """Only rows whose names fit one of the patterns (`elec2/*`), and peers on these data."""
    rows = tuple(row for row in extent.rows if any(fnmatch(row.name, pattern) for pattern in patterns))
    return _with(extent, rows)


def with_data(extent: Extent, present: AbstractSet[str]) -> Extent:
    """Only data sets that are there."""
    return _with(extent, tuple(row for row in extent.rows if row.data.name in present))


def _with(extent: Extent, rows: tuple[Row, ...]) -> Extent:
    names = {row.name for row in rows}
    pairs = tuple(pair for pair in extent.pairs if f"{pair}/{PEER_TARGET:g}" in names)
    return Extent(extent.salts, extent.records, rows, pairs, extent.own_queries, extent.is_quick)


class RiskPlan:
    """The jobs of an extent, and where their results are kept."""

    def __init__(self, extent: Extent) -> None:
        self.extent = extent
        self.replays = RunCache(CACHE_FOLDER, replay_run.code())
        self.peers = RunCache(CACHE_FOLDER, peer_run.code())

    @property
    def jobs(self) -> list[Job]:
        """All of them, done or not."""
        replays = [self.replay_job(row, salt) for row in self.extent.rows for salt in self.extent.salt_names]
        taught = (peer_run.EVERY_LABEL, *self.extent.own_queries)
        return [*replays, *(self.peer_job(pair, by) for pair in self.extent.pairs for by in taught)]

    def replay_job(self, row: Row, salt: str) -> Job:
        """Winnow on one row."""
        records = self.extent.length(row)
        kind = f"{row.data.name}/{row.model}"
        speed = _REPLAYED_PER_SECOND.get(row.model, _USUAL_PER_SECOND)
        return Job("benchmarks.replay_run", f"{row.name}/{records}", salt, kind, records, speed, self.replays)

    def peer_job(self, pair: str, taught: str) -> Job:
        """One or all peers on one pair of data and model."""
        row = next(row for row in ROWS if row.name == f"{pair}/{PEER_TARGET:g}")
        records = self.extent.length(row)
        speed = _PEERS_PER_SECOND.get(taught, _USUAL_PER_SECOND)
        if len(row.data.labels) > 10 and taught in {peer_run.EVERY_LABEL, "probabilistic"}:
            speed = _SLOW_PEERS_PER_SECOND
        name = f"{row.name}/{records}/{taught}"
        return Job("benchmarks.peer_run", name, PEER_SEED, f"{pair}/{taught}", records, speed, self.peers)
