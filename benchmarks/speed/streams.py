"""Made streams: records as bytes, and labelled ones to learn from; the same ones each time."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

DISTINCT, DISTINCT_NUMBERS = 10_000, 2_000_000
"""So many different records, but no more than have so many numbers; then they come again under other ids."""

COMMON_WORDS, TELLING_WORDS = 50, 10


@dataclass(frozen=True)
class Shape:
    """What a stream's records look like: `features` numbers, or texts of 60 words out of `vocabulary`."""

    name: str
    labels: int
    features: int = 0
    vocabulary: int = 0

    @property
    def label_names(self) -> list[str]:
        """All labels."""
        return [f"label{number}" for number in range(self.labels)]

    def task(self, model: str) -> dict[str, Any]:
        """A task file for it."""
        features = {f"f{number}": "number" for number in range(self.features)}
        given = {"features": features} if features else {"text": True}
        labels = self.label_names
        return {
            "task": "speed",
            "labels": labels,
            "input": given,
            "target": {"error": 0.05},
            "model": {"champion": model},
        }


def records(shape: Shape, count: int) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values; with 18 features a value has about 290 bytes."""
    distinct = min(count, DISTINCT, DISTINCT_NUMBERS // max(shape.features, 1))
    bodies = [json.dumps(body, separators=(",", ":"))[1:] for body, _ in islice(_made(shape, 1), distinct)]
    for number in range(count):
        record_id = f"record-{number:07d}"
        yield record_id.encode(), f'{{"id":"{record_id}",{bodies[number % len(bodies)]}'.encode()


def verdicts(shape: Shape, count: int) -> Iterator[tuple[dict[str, Any], str]]:
    """Labelled records that are no part of the stream; together they have all words of the vocabulary."""
    for number, (body, label) in enumerate(islice(_made(shape, 2), count)):
        record = {"id": f"v{number}", **body}
        if shape.vocabulary:
            record["text"] = " ".join([record["text"], *map(_word, range(number, shape.vocabulary, count))])
        yield record, shape.label_names[label]


def _made(shape: Shape, seed: int) -> Iterator[tuple[dict[str, Any], int]]:
    chance = random.Random(seed)
    centres = random.Random(0)
    means = [[centres.gauss(0, 0.7) for _ in range(shape.features)] for _ in range(shape.labels)]
    while True:
        label = chance.randrange(shape.labels)
        if shape.features:
            yield {"features": _numbers(chance, means[label])}, label
        else:
            yield {"text": _text(chance, shape, label)}, label


def _numbers(chance: random.Random, means: list[float]) -> dict[str, float]:
    return {f"f{number}": round(chance.gauss(mean, 1.0), 5) for number, mean in enumerate(means)}


def _text(chance: random.Random, shape: Shape, label: int) -> str:
    common = [min(int(chance.paretovariate(0.5)), shape.vocabulary - 1) for _ in range(COMMON_WORDS)]
    telling = [chance.randrange(200) * shape.labels + label for _ in range(TELLING_WORDS)]
    return " ".join(map(_word, common + [place % shape.vocabulary for place in telling]))


def _word(place: int) -> str:
    return f"{'bdfgklmnprst'[place % 12]}{'aeiou'[place % 5]}{place}"
