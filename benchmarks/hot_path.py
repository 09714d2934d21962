"""What the scorer's handler costs, stage by stage: `python -m benchmarks.hot_path`.

No broker: messages of some hundred bytes go in and messages come out, as the transactional loop would hand them over.
Both ways run in turns in one process: whole batches, as the scorer works, and record by record (`record_by_record`)
with the same compiled model. Times are CPU microseconds per record, the lowest of some turns.
"""

import argparse
import gc
import json
import random
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from benchmarks import record_by_record
from benchmarks.record_by_record import Known
from winnow.core.batch_decision import BatchCoins, decide_batch
from winnow.core.batch_scores import ScoredBatch
from winnow.core.compiled import compile_model, scorer
from winnow.core.models import RecordReader, build
from winnow.runtime.messages import Batch, Incoming
from winnow.scorer.batch_scorer import CompiledBatchScorer, score_contents
from winnow.scorer.decided_batch import DecidedBatch
from winnow.scorer.outcomes import Outcomes
from winnow.scorer.reading import Reading, plain_columns
from winnow.scorer.settings import ScorerSettings
from winnow.scorer.tally import Tally
from winnow_schemas.policies import Policy
from winnow_schemas.records import Record
from winnow_schemas.task import Task
from winnow_schemas.topics import Topics

BATCH = 1_000
NOW = 1_800_000_000.0
AT = datetime.fromtimestamp(NOW, UTC)
FEATURES = 18
SALT_ID = "5a17"


class Row(NamedTuple):
    """Records whose labels are sure, or all of which people see."""

    name: str
    labels: int
    threshold: float


ROWS = (
    Row("two labels, labelled", 2, 0.5),
    Row("two labels, reviewed", 2, 1.0),
    Row("seven labels, labelled", 7, 0.1),
    Row("seven labels, reviewed", 7, 1.0),
)

Messages = Sequence[Incoming]
Stages = dict[str, float]


def main() -> None:
    """Prints a table, or JSON."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--batches", type=int, default=8)
    options.add_argument("--turns", type=int, default=7)
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    results = [_measured(row, chosen.batches, chosen.turns) for row in ROWS]
    print(json.dumps(results, indent=1) if chosen.json else _table(results))


class Desk(NamedTuple):
    """By what is decided."""

    settings: ScorerSettings
    known: Known
    scorer: CompiledBatchScorer
    policy: Policy


def _measured(row: Row, batches: int, turns: int) -> dict[str, Any]:
    chance = random.Random(7)
    desk = _desk(row, chance)
    work = [_batch(desk, number, chance) for number in range(batches)]
    rounds = [(_by_batches(desk, work), _one_by_one(desk, work)) for _ in range(turns)]
    together, apart = ([one[way] for one in rounds] for way in (0, 1))
    return {
        "row": row.name,
        "bytes": sum(len(message.value or b"") for message in work[0]) / BATCH,
        "batches_us": _lowest(together),
        "one_by_one_us": _lowest(apart),
    }


def _lowest(turns: Sequence[Stages]) -> Stages:
    lowest = {stage: min(turn[stage] for turn in turns) for stage in turns[0]}
    return lowest | {"all": sum(lowest.values())}


class _Watch:
    """CPU time per stage: a stage lasts from the end of the one before to its own."""

    def __init__(self) -> None:
        self._spent: dict[str, int] = {}
        self._since = time.process_time_ns()

    def ends(self, stage: str) -> None:
        """That stage is done with one batch."""
        now = time.process_time_ns()
        self._spent[stage] = self._spent.get(stage, 0) + now - self._since
        self._since = time.process_time_ns()

    def per_record_us(self, records: int) -> Stages:
        """Microseconds per record, by stage."""
        return {stage: spent / 1000 / records for stage, spent in self._spent.items()}


def _by_batches(desk: Desk, work: Sequence[Messages]) -> Stages:
    settings, tally, outcomes = desk.settings, Tally("stream01", 1.0), Outcomes(desk.settings)
    reading = Reading(settings.task, plain_columns(settings.task))
    watch = _Watch()
    for batch in work:
        read, _ = reading.read(Batch.of(batch), desk.scorer)
        watch.ends("read")
        scored = ScoredBatch(desk.scorer.version, score_contents(desk.scorer, read.contents, None))
        watch.ends("score")
        coins = BatchCoins(settings.salt, settings.stream, read.at)
        decision = decide_batch(scored, coins, desk.policy, settings.task.confidence, NOW)
        watch.ends("decide")
        tally.decided_batch(read.at, decision)
        watch.ends("count")
        outcomes.of(DecidedBatch(read, decision, coins, AT))
        watch.ends("write")
    return watch.per_record_us(len(work) * BATCH)


def _one_by_one(desk: Desk, work: Sequence[Messages]) -> Stages:
    settings, known, tally = desk.settings, Known(desk.scorer, desk.policy), Tally("stream01", 1.0)
    watch = _Watch()
    for batch in work:
        read = [record_by_record.read(message) for message in batch]
        watch.ends("read")
        scored = [record_by_record.scored(known, record) for record in read]
        watch.ends("score")
        decisions = [
            record_by_record.decided(settings, known, message, said, NOW)
            for message, said in zip(batch, scored, strict=True)
        ]
        watch.ends("decide")
        for message, kept in zip(batch, decisions, strict=True):
            tally.decided(message.partition, message.offset, kept.decision)
        watch.ends("count")
        for message, record, kept in zip(batch, read, decisions, strict=True):
            record_by_record.written(settings, message, record, kept)
        watch.ends("write")
    return watch.per_record_us(len(work) * BATCH)


def _desk(row: Row, chance: random.Random) -> Desk:
    labels = [f"label{number}" for number in range(row.labels)]
    inputs = {"features": {f"f{number}": "number" for number in range(FEATURES)}}
    task = Task.model_validate({"task": "benchmark", "labels": labels, "input": inputs})
    model, reader = build(task, "logistic"), RecordReader(task)
    for number in range(2_000):
        place = chance.randrange(row.labels)
        model.learn_one(reader.read(_record(number, place, chance)).values, labels[place])
    compiled = compile_model(task, "logistic", model, 2_000)
    assert compiled is not None
    settings = ScorerSettings(task, Topics("winnow"), "stream01", "salt of the benchmark", SALT_ID)
    ready = CompiledBatchScorer(scorer(compiled))
    policy = _policy(task, row.threshold)
    return Desk(settings, Known(ready, policy), ready, policy)


def _policy(task: Task, threshold: float) -> Policy:
    return Policy(
        version=5,
        epoch=1,
        state="auto",
        thresholds=dict.fromkeys(task.labels, threshold),
        audit_rate=0.02,
        ledger_rate=0.01,
        target=0.05,
        confidence=0.95,
        salt_id=SALT_ID,
        at=AT,
        valid_until=AT + timedelta(days=1),
    )


def _batch(desk: Desk, number: int, chance: random.Random) -> Messages:
    labels, topic = len(desk.settings.task.labels), desk.settings.topics["records"]
    return [
        Incoming(topic, 0, offset, b"%d" % offset, _message(offset, chance.randrange(labels), chance), NOW)
        for offset in range(number * BATCH, (number + 1) * BATCH)
    ]


def _message(number: int, place: int, chance: random.Random) -> bytes:
    return json.dumps(_record(number, place, chance), separators=(",", ":")).encode()


def _record(number: int, place: int, chance: random.Random) -> Record:
    features = {f"f{feature}": round(chance.gauss(0.8 * place, 1), 6) for feature in range(FEATURES)}
    return {"id": f"record-{number:08d}", "features": features}  # type: ignore[typeddict-item]  # floats all


def _table(results: Sequence[dict[str, Any]]) -> str:
    lines = ["| records | way | " + " | ".join(results[0]["batches_us"]) + " |"]
    lines.append("|---|---|" + "--:|" * len(results[0]["batches_us"]))
    for one in results:
        for way, stages in (("record by record", one["one_by_one_us"]), ("batches", one["batches_us"])):
            lines.append(f"| {one['row']} | {way} | " + " | ".join(f"{us:.2f}" for us in stages.values()) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
