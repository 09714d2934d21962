"""Scoring record by record against compiled scoring: `python -m benchmarks.compiled_scoring`.

Each model learns a made stream, then both ways score the same records, in turns, in one process. What is compared
is the whole step of a scorer: from decoded records to scores by label. Seconds are CPU seconds; a ratio is the
median over pairs of turns. For texts the other side is also River's own bag of words with naive Bayes, since
ours already works on arrays; it has to learn the same words to be compared.
"""

import argparse
import json
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from river import feature_extraction, forest, naive_bayes
from river.base import Classifier

from winnow.core.compiled import compile_model, scorer
from winnow.core.models import RecordReader, TaskClassifier, build, scores_of
from winnow.core.models.table_models import SEED
from winnow.core.tokens import tokens
from winnow_schemas.base import Scores
from winnow_schemas.records import Record
from winnow_schemas.task import Task

BATCH = 500
Verdicts = list[tuple[Record, str]]


class Row(NamedTuple):
    """One model over one kind of record; `target` is how many times as fast compiled scoring should be."""

    name: str
    model: str
    labels: int
    features: int
    target: float
    build: Callable[[Task, str], Classifier] = build


class Pair(NamedTuple):
    """CPU microseconds per record, one after the other."""

    one_by_one: float
    compiled: float


def _forest_of_ten(task: Task, _: str) -> Classifier:
    return TaskClassifier(forest.ARFClassifier(n_models=10, seed=SEED), task.labels)


ROWS = (
    Row("logistic-18", "logistic", 2, 18, 3),
    Row("softmax-7", "logistic", 7, 18, 3),
    Row("gaussian naive Bayes", "gaussian_naive_bayes", 2, 18, 20),
    Row("Hoeffding tree", "hoeffding_tree", 2, 18, 5),
    Row("forest of 10", "adaptive_random_forest", 2, 18, 20, _forest_of_ten),
    Row("text naive Bayes", "text_naive_bayes", 2, 0, 20),
    Row("text logistic", "text_logistic", 2, 0, 5),
    Row("committee over 18 numbers", "committee", 2, 18, 3),
    Row("committee over 18 numbers, 7 labels", "committee", 7, 18, 3),
    Row("committee over texts", "committee", 2, 0, 3),
)


def main() -> None:
    """Prints a table, or JSON."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--pairs", type=int, default=7)
    options.add_argument("--verdicts", type=int, default=2000)
    options.add_argument("--records", type=int, default=2000)
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    results = [_measured(row, chosen.verdicts, chosen.records, chosen.pairs) for row in ROWS]
    print(json.dumps(results, indent=1) if chosen.json else _table(results))


def _measured(row: Row, verdicts: int, records: int, pairs: int) -> dict[str, Any]:
    task = _task(row)
    stream = list(_stream(task, row, verdicts + records))
    model, reader = row.build(task, row.model), RecordReader(task)
    for record, label in stream[:verdicts]:
        model.learn_one(reader.read(record).values, label)
    fresh = [record for record, _ in stream[verdicts:]]
    began = time.process_time()
    snapshot = compile_model(task, row.model, model, verdicts)
    took_s = time.process_time() - began
    assert snapshot is not None
    ready = scorer(snapshot)
    apart = _farthest(model, reader, ready.score(fresh), fresh)
    result = _compared(_one_by_one(model, reader, fresh), lambda: _in_batches(ready.score, fresh), len(fresh), pairs)
    about = {"row": row.name, "target": row.target, "apart": apart, "compile_ms": 1000 * took_s}
    if row.model == "text_naive_bayes":
        bag = _bag_of_words(stream[:verdicts])
        river = _compared(_one_by_one(bag, reader, fresh), lambda: _in_batches(ready.score, fresh), len(fresh), pairs)
        about["own_arrays_one_by_one_us"] = result["one_by_one_us"]
        result = river
    return about | result | {"bytes": len(snapshot.to_bytes())}


def _bag_of_words(verdicts: Verdicts) -> Classifier:
    """River's own pipeline over the same words."""
    bag = feature_extraction.BagOfWords(on="text", tokenizer=tokens, lowercase=False, strip_accents=False)
    pipeline = bag | naive_bayes.MultinomialNB(alpha=1.0)
    for record, label in verdicts:
        pipeline.learn_one({"text": record.get("text", "")}, label)
    return pipeline


def _one_by_one(model: Classifier, reader: RecordReader, records: Sequence[Record]) -> Callable[[], object]:
    def score() -> object:
        return [scores_of(model, reader.read(record).values) for record in records]

    return score


def _in_batches(score: Callable[[Sequence[Record]], object], records: Sequence[Record]) -> None:
    for start in range(0, len(records), BATCH):
        score(records[start : start + BATCH])


def _compared(
    one_by_one: Callable[[], object], compiled: Callable[[], object], records: int, pairs: int
) -> dict[str, Any]:
    turns = [Pair(_cpu_us(one_by_one) / records, _cpu_us(compiled) / records) for _ in range(pairs)]
    ratios = sorted(turn.one_by_one / turn.compiled for turn in turns)
    return {
        "one_by_one_us": statistics.median(turn.one_by_one for turn in turns),
        "compiled_us": statistics.median(turn.compiled for turn in turns),
        "ratio": statistics.median(ratios),
        "lowest": ratios[0],
        "highest": ratios[-1],
    }


def _cpu_us(call: Callable[[], object]) -> float:
    began = time.process_time_ns()
    call()
    return (time.process_time_ns() - began) / 1000


def _farthest(
    model: Classifier, reader: RecordReader, found: Sequence[Scores | None], records: Sequence[Record]
) -> float:
    """The largest difference of any score, in the first records."""
    expected = [scores_of(model, reader.read(record).values) for record in records[:BATCH]]
    pairs = [(one, other) for one, other in zip(expected, found, strict=False) if one is not None and other is not None]
    return max(float(abs(one[label] - other[label])) for one, other in pairs for label in one)


def _task(row: Row) -> Task:
    labels = [f"label{number}" for number in range(row.labels)]
    inputs = {"features": {f"f{number}": "number" for number in range(row.features)}, "text": not row.features}
    return Task.model_validate({"task": "benchmark", "labels": labels, "input": inputs})


def _stream(task: Task, row: Row, count: int) -> Iterator[tuple[Record, str]]:
    """Numbers that lean to one side by label, or texts of 60 words of which some lean."""
    chance = random.Random(7)
    words = [f"{chance.choice('bdfgklmnprst')}{chance.choice('aeiou')}{number}" for number in range(20_000)]
    for number in range(count):
        place = chance.randrange(len(task.labels))
        record: Record = {"id": f"record-{number}"}
        if row.features:
            shift = 0.3 * place
            record["features"] = {
                f"f{feature}": chance.gauss(shift, 1 + feature % 3) for feature in range(row.features)
            }
        else:
            common = [words[min(int(chance.paretovariate(0.5)), 19_999)] for _ in range(50)]
            record["text"] = " ".join(common + [words[place + 2 * chance.randrange(200)] for _ in range(10)])
        yield record, task.labels[place]


def _table(results: list[dict[str, Any]]) -> str:
    lines = [
        "| model | one by one, µs | compiled, µs | times as fast | spread | wanted | apart |",
        "|---|--:|--:|--:|---|--:|--:|",
    ]
    lines += [
        f"| {one['row']} | {one['one_by_one_us']:.1f} | {one['compiled_us']:.2f} | {one['ratio']:.1f} "
        f"| {one['lowest']:.1f}–{one['highest']:.1f} | {one['target']} | {one['apart']:.0e} |"
        for one in results
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
