"""The rows of the benchmark: a model over a stream, and who is compared with Winnow on it."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.speed.champion import LEARNER
from benchmarks.speed.clients import PASS_THROUGH, PEERS, RIVER_LOOP, WINNOW, Program
from benchmarks.speed.streams import Shape

VERDICTS = 2_000
_TABLE_RECORDS, _TEXT_RECORDS = 600_000, 200_000


@dataclass(frozen=True)
class Row:
    """One model: its name in a task file, its name among River's, the stream's shape and length, and who runs on it."""

    name: str
    title: str
    model: str
    river: str
    shape: Shape
    records: int
    programs: Sequence[Program]
    learner: Sequence[str] = LEARNER


@dataclass(frozen=True)
class Comparison:
    """A ratio: Winnow's speed over the other's, and what it should come to at least."""

    name: str
    row: str
    other: str
    at_least: float


_BINARY, _SEVEN = Shape("table", 2, features=18), Shape("table", 7, features=18)
_TEXTS = Shape("text", 2, vocabulary=20_000)
_PAIR = (WINNOW, RIVER_LOOP)

ROWS = (
    Row(
        "logistic",
        "logistic, 18 numbers, 2 labels",
        "logistic",
        "logistic",
        _BINARY,
        _TABLE_RECORDS,
        (*_PAIR, PASS_THROUGH, *PEERS),
    ),
    Row("softmax", "softmax, 18 numbers, 7 labels", "logistic", "softmax", _SEVEN, _TABLE_RECORDS, _PAIR),
    Row(
        "gaussian_naive_bayes",
        "Gaussian naive Bayes, 18 numbers, 7 labels",
        "gaussian_naive_bayes",
        "gaussian_naive_bayes",
        _SEVEN,
        _TABLE_RECORDS,
        _PAIR,
    ),
    Row(
        "hoeffding_tree",
        "Hoeffding tree, 18 numbers, 7 labels",
        "hoeffding_tree",
        "hoeffding_tree",
        _SEVEN,
        _TABLE_RECORDS,
        _PAIR,
    ),
    Row(
        "forest",
        "forest of 10, 18 numbers, 7 labels",
        "adaptive_random_forest",
        "forest",
        _SEVEN,
        _TABLE_RECORDS,
        _PAIR,
        ("-m", "benchmarks.speed.ten_trees"),
    ),
    Row(
        "text_naive_bayes",
        "naive Bayes, texts of 60 words",
        "text_naive_bayes",
        "text_naive_bayes",
        _TEXTS,
        _TEXT_RECORDS,
        _PAIR,
    ),
)

COMPARISONS = (
    Comparison("passthrough", "logistic", "passthrough", 0.25),
    Comparison("faust", "logistic", "faust", 40),
    Comparison("quix", "logistic", "quix", 10),
    Comparison("bytewax", "logistic", "bytewax", 6),
    Comparison("faststream", "logistic", "faststream", 12),
    Comparison("river_logistic", "logistic", "river", 3),
    Comparison("river_softmax", "softmax", "river", 3),
    Comparison("river_gaussian_naive_bayes", "gaussian_naive_bayes", "river", 20),
    Comparison("river_hoeffding_tree", "hoeffding_tree", "river", 5),
    Comparison("river_forest", "forest", "river", 20),
    Comparison("river_text_naive_bayes", "text_naive_bayes", "river", 20),
)
