"""What was published for the risk benchmark, as data: one salt of the prototype, shares in per cent.

auto: released share of all records. err: true error of these. win: worst error over 2,000 consecutive
releases. audit: audits among records above the threshold. reviews: records that people saw. first: first
auto label. A/L: alarms of kind errors and ledger. best: coverage of the best fixed threshold in hindsight.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.data_sets import DATA_SETS, DataSet

_TABLE = """
elec2        logistic                  0.02  1.3  0.84   0.8 17.5 44717  4560 1/0   0.7
elec2        logistic                  0.05  5.2  5.95   5.6 11.8 42974   526 0/2   1.8
elec2        logistic                  0.1  10.0  8.73  12.7 12.4 40800   501 3/3  28.6
elec2        hoeffding_tree            0.02  0.7  3.45   3.4 18.4 44993  4891 0/0   0.0
elec2        hoeffding_tree            0.05  4.1  4.60   4.6 14.3 43442  2072 0/1   7.2
elec2        hoeffding_tree            0.1   6.3  8.57  10.8 10.9 42454  1301 2/0   6.4
elec2        adaptive_random_forest    0.02  0.1 59.26  59.3  6.9 45285 19052 0/0   0.0
elec2        adaptive_random_forest    0.05  0.3  9.27   9.3 31.7 45161  9076 2/0   0.2
elec2        adaptive_random_forest    0.1   5.9 10.89  12.1 11.6 42641  1251 1/2   5.4
covertype    logistic                  0.02  0.6  3.46   3.5 15.2 49711  8892 0/0   2.0
covertype    logistic                  0.05  5.4  4.93   5.1 11.8 47284  4178 0/1  11.0
covertype    logistic                  0.1  15.0  8.37  13.1  9.3 42489  2876 0/3  33.2
covertype    adaptive_random_forest    0.05  1.4  3.90   3.9 17.9 49308  1208 0/0   0.0
covertype    adaptive_random_forest    0.1  13.7  7.90  10.4  8.7 43150  1053 0/2  32.1
flights      logistic                  0.02  0.0     -     -    - 50000     - 0/0   0.0
flights      logistic                  0.05  0.1  7.14   7.1 25.0 49958  8212 0/0   0.0
flights      logistic                  0.1   0.1 13.33  13.3 45.9 49940  2355 1/0   0.0
flights      hoeffding_tree            0.02  0.0     -     -    - 50000     - 0/0   0.0
flights      hoeffding_tree            0.05  0.0  4.35   4.3 14.8 49977 16708 0/0   0.0
flights      hoeffding_tree            0.1   0.5 15.35  15.4 17.0 49746  3226 0/0   0.0
shuttle      logistic                  0.02 90.4  0.57   2.4  8.5  4693   502 0/0 100.0
shuttle      logistic                  0.05 90.7  0.34   1.1  8.2  4576   452 0/0 100.0
shuttle      logistic                  0.1  90.7  0.34   1.1  8.1  4568   428 0/0 100.0
shuttle      gaussian_naive_bayes      0.02 89.8  0.26   0.6  8.5  5016   601 0/0 100.0
shuttle      gaussian_naive_bayes      0.05 90.4  0.28   0.7  8.2  4711   502 0/0 100.0
shuttle      gaussian_naive_bayes      0.1  90.5  0.29   0.8  8.2  4662   476 0/0 100.0
spamassassin text_naive_bayes          0.02  0.2  0.00   0.0 80.0  6034   477 1/0   6.8
spamassassin text_naive_bayes          0.05 16.8  0.99   1.0 20.3  5031   477 1/0  94.8
spamassassin text_naive_bayes          0.1  53.4  2.57   3.0 11.6  2816   477 1/0 100.0
spamassassin text_logistic             0.02 39.9  0.04   0.1 17.3  3631  2228 1/0   0.0
spamassassin text_logistic             0.05 56.9  0.58   0.7 12.4  2604   451 1/0  94.4
spamassassin text_logistic             0.1  66.0  1.95   2.9 10.8  2053   426 1/0 100.0
newsgroups   text_naive_bayes          0.02  2.9  0.37   0.4 14.6 18276  2709 0/0   0.0
newsgroups   text_naive_bayes          0.05 35.1  2.90   3.5  9.8 12209  1878 0/0   0.0
newsgroups   text_naive_bayes          0.1  45.8  4.66   6.7  9.0 10199  1102 0/1  49.1
newsgroups   text_logistic             0.05 20.9  1.70   2.3 10.8 14879  1754 1/0  62.0
newsgroups   text_logistic             0.1  44.1  5.11   7.4  9.3 10530  1236 0/1  76.3
"""


@dataclass(frozen=True)
class Published:
    """The figures of one row in per cent, counts as they are; None where nothing was released."""

    auto: float
    error: float | None
    worst_window: float | None
    audit: float | None
    reviews: int
    first: int | None
    error_alarms: int
    ledger_alarms: int
    best: float


@dataclass(frozen=True)
class Range:
    """What five salts gave, in per cent, where one salt says too little."""

    auto: tuple[float, float]
    error: tuple[float, float]


@dataclass(frozen=True)
class Row:
    """One line of the table: a data set, a model, a target and what is to be reached or bettered."""

    data: DataSet
    model: str
    target: float
    published: Published
    five_salts: Range | None

    @property
    def name(self) -> str:
        """How the row is called on the command line and in files."""
        return f"{self.data.name}/{self.model}/{self.target:g}"


_RANGES: Mapping[str, Range] = {
    "spamassassin/text_naive_bayes/0.05": Range((8.6, 23.4), (1.0, 2.3)),
    "spamassassin/text_logistic/0.05": Range((52.0, 57.0), (0.2, 0.7)),
    "elec2/logistic/0.05": Range((3.6, 5.2), (4.7, 8.5)),
    "elec2/logistic/0.1": Range((10.0, 20.0), (7.8, 10.6)),
}


def read_table(text: str) -> tuple[Row, ...]:
    """Rows from lines of eleven columns; `-` is nothing."""
    return tuple(_row(line.split()) for line in text.strip().splitlines())


def _row(cells: list[str]) -> Row:
    name, model, target, auto, error, window, audit, reviews, first, alarms, best = cells
    errors, ledger = alarms.split("/")
    published = Published(
        auto=float(auto),
        error=_figure(error),
        worst_window=_figure(window),
        audit=_figure(audit),
        reviews=int(reviews),
        first=None if first == "-" else int(first),
        error_alarms=int(errors),
        ledger_alarms=int(ledger),
        best=float(best),
    )
    return Row(DATA_SETS[name], model, float(target), published, _RANGES.get(f"{name}/{model}/{float(target):g}"))


def _figure(cell: str) -> float | None:
    return None if cell == "-" else float(cell)


ROWS = read_table(_TABLE)
ROWS_BY_NAME: Mapping[str, Row] = {row.name: row for row in ROWS}
