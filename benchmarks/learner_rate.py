"""How many verdicts a second the learner learns and publishes: `python -m benchmarks.learner_rate`.

Each model is taught made verdicts through the learner's own handler, from bytes to bytes; its clock says that 2,000
come each second, so that it publishes as often as it would. Seconds are CPU seconds of the learning thread (drafts
of snapshots among them, which hold it up; the longest is told) and, beside them, of the thread that seals. The last
rows are about size: a vocabulary of 200,000 words for 20 labels, what a publication weighs, what stands on the topic,
and how long a restart takes from it.
"""

import argparse
import json
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from winnow.core.models import build
from winnow.learner.classroom import classroom
from winnow.learner.figures import Figures
from winnow.learner.handler import LearnerHandler
from winnow.learner.issue import Issue
from winnow.learner.settings import LearnerSettings
from winnow.runtime.messages import Incoming
from winnow.runtime.metrics import MetricsWindow
from winnow.runtime.model_keys import parse_model_keys
from winnow.runtime.snapshot_slots import is_delta, is_manifest, slot_of
from winnow.runtime.standing_models import standing
from winnow_schemas.codec import encode
from winnow_schemas.records import Record
from winnow_schemas.task import Task
from winnow_schemas.topics import Topics
from winnow_schemas.verdicts import Verdict

RATE = 2000
AT_ONCE = 100
WORDS_OF_A_TEXT = 60
TOPICS = Topics("bench")
KEYS = parse_model_keys("bench:" + "5a" * 32)
NOW = 1_800_000_000.0
MEGABYTE = 1e6


class Row(NamedTuple):
    """One model; `words` is the vocabulary that it knows before it is measured, 0 for models over 18 numbers."""

    name: str
    model: str
    labels: int
    words: int = 0


ROWS = (
    Row("logistic-18", "logistic", 2),
    Row("softmax-7", "logistic", 7),
    Row("Gaussian naive Bayes", "gaussian_naive_bayes", 2),
    Row("text naive Bayes", "text_naive_bayes", 2, 50_000),
    Row("text logistic", "text_logistic", 2, 50_000),
    Row("text naive Bayes, 200,000 × 20", "text_naive_bayes", 20, 200_000),
    Row("text softmax, 200,000 × 20", "text_logistic", 20, 200_000),
)


@dataclass
class Measured:
    """Microseconds of CPU per verdict, longest hold-up in milliseconds, sizes in bytes."""

    learning_us: float = 0.0
    sealing_us: float = 0.0
    longest_ms: float = 0.0
    publications: int = 0
    largest_delta: int = 0
    whole: int = 0
    stands: int = 0
    restart_s: float = 0.0
    log: list[Incoming] = field(default_factory=list)

    @property
    def verdicts_per_second(self) -> float:
        """What the learning thread takes on one core."""
        return 1e6 / self.learning_us

    def as_values(self) -> dict[str, Any]:
        """For programs."""
        values = {name: value for name, value in vars(self).items() if name != "log"}
        return {"verdicts_per_second": self.verdicts_per_second, **values}


def task_of(row: Row) -> Task:
    """A task whose champion is the row's model."""
    features = {} if row.words else {f"x{place}": "number" for place in range(18)}
    inputs = {"features": features, "text": bool(row.words)}
    labels = [f"l{place}" for place in range(row.labels)]
    return Task.model_validate({"task": "bench", "labels": labels, "input": inputs, "model": {"champion": row.model}})


def verdicts(row: Row, count: int, first: int) -> Iterator[Incoming]:
    """Made ones: records whose label shows."""
    chance = random.Random(first)
    at = datetime.fromtimestamp(NOW, UTC)
    for offset in range(first, first + count):
        place = offset % row.labels
        said = Verdict(
            request_id=f"stream01/0/{offset}",
            revision=1,
            record=_record(row, chance, place, offset),
            label=f"l{place}",
            reason="uncertain",
            propensity=1.0,
            answers={"ann": f"l{place}"},
            agreement=1.0,
            answered_at=at,
            at=at,
        )
        yield Incoming(TOPICS["verdicts"], 0, offset, b"k", encode(said), NOW)


def _record(row: Row, chance: random.Random, place: int, offset: int) -> Record:
    if row.words:
        words = [f"word{int(row.words * chance.random() ** 3)}" for _ in range(WORDS_OF_A_TEXT)]
        return {"id": f"r{offset}", "text": " ".join([*words, f"about{place}"])}
    return {"id": f"r{offset}", "features": {f"x{column}": chance.gauss(place, 2) for column in range(18)}}


class Learner:
    """A learner's handler, the topic that it writes, and what it took."""

    def __init__(self, row: Row) -> None:
        self.settings = LearnerSettings(task_of(row), TOPICS, KEYS)
        self.measured = Measured()
        self.room = classroom(self.settings, [])
        self._know_words(row)
        window = MetricsWindow("learner", "learner", TOPICS["metrics"], NOW)
        self.handler = LearnerHandler(self.settings, self.room, Figures(window), time.thread_time)
        self._publish(self.handler.last(NOW - 1))

    def _know_words(self, row: Row) -> None:
        """As if millions of verdicts had been learned: all words of the vocabulary, in all labels."""
        champion = self.room.champion
        champion.model = build(self.settings.task, row.model)
        words = [f"word{number}" for number in range(row.words)]
        for start in range(0, row.words, 500):
            for label in self.settings.task.labels if start < 500 * row.labels else self.settings.task.labels[:1]:
                champion.model.learn_one({"text": " ".join(words[start : start + 500])}, label)
        champion.learned = champion.next_offset = 10_000_000 if row.words else 0
        self.room.classroom.offset = champion.next_offset

    def teach(self, messages: list[Incoming]) -> None:
        """All of them, a hundred at a time, publishing what is due."""
        spent = 0.0
        for start in range(0, len(messages), AT_ONCE):
            now = NOW + (start + AT_ONCE) / RATE
            began = time.thread_time()
            self.handler.learn(messages[start : start + AT_ONCE], now)
            spent += time.thread_time() - began
            began = time.thread_time()
            issue = self.handler.due(now)
            took = time.thread_time() - began
            self.measured.longest_ms = max(self.measured.longest_ms, 1000 * took)
            spent += took
            self._publish(issue)
        self.measured.learning_us = 1e6 * spent / len(messages)
        self.measured.sealing_us /= len(messages)

    def _publish(self, issue: Issue | None) -> None:
        if issue is None:
            return
        began = time.thread_time()
        messages = [message for message in issue.messages() if message.topic == TOPICS["models"]]
        self.measured.sealing_us += 1e6 * (time.thread_time() - began)
        self.measured.publications += bool(issue.drafts)
        for message in messages:
            log = self.measured.log
            log.append(Incoming(message.topic, 0, len(log), message.key, message.value, NOW))
        self.handler.committed()

    def weigh(self) -> None:
        """What was published and what stands, and how long it takes to go on from there."""
        measured = self.measured
        left = standing(measured.log, lambda _: True)
        measured.stands = sum(len(message.value or b"") for message in left)
        measured.whole = sum(len(m.value or b"") for m in left if _slot(m) == "champion")
        deltas = [
            m for m in measured.log if is_delta(_slot(m)) and m.value and not is_manifest((m.key or b"").decode())
        ]
        measured.largest_delta = max((len(m.value or b"") for m in deltas), default=0)
        began = time.process_time()
        classroom(self.settings, measured.log)
        measured.restart_s = time.process_time() - began


def _slot(message: Incoming) -> str:
    return slot_of((message.key or b"").decode()) or ""


def measure(row: Row, count: int) -> Measured:
    """One row of the table."""
    learner = Learner(row)
    learner.measured.sealing_us = 0.0
    learner.measured.publications = 0
    learner.teach(list(verdicts(row, count, learner.room.champion.next_offset)))
    learner.weigh()
    return learner.measured


def main() -> None:
    """Print a table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--verdicts", type=int, default=20_000, help="learned by each model")
    parser.add_argument("--only", default="", help="rows whose name holds this")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    results = {row.name: measure(row, given.verdicts) for row in ROWS if given.only in row.name}
    if given.json:
        print(json.dumps({name: measured.as_values() for name, measured in results.items()}, indent=2))
        return
    columns = ("verdicts/s", "learn µs", "seal µs", "longest ms", "delta MB", "whole MB", "stands", "restart s")
    print("model".ljust(32), *(name.rjust(10) for name in columns))
    for name, one in results.items():
        figures = (
            f"{one.verdicts_per_second:,.0f}",
            f"{one.learning_us:.0f}",
            f"{one.sealing_us:.0f}",
            f"{one.longest_ms:.1f}",
            f"{one.largest_delta / MEGABYTE:.3f}",
            f"{one.whole / MEGABYTE:.2f}",
            f"{one.stands / max(one.whole, 1):.2f}×",
            f"{one.restart_s:.2f}",
        )
        print(name.ljust(32), *(figure.rjust(10) for figure in figures))


if __name__ == "__main__":
    main()
