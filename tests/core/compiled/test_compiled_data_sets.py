"""Compiled scores equal River's on real streams; skipped where the data is not there."""

import gzip
import json
import os
from pathlib import Path

import numpy as np
import pytest
from tests.core.compiled.compiled_cases import TABLES, TEXTS, compiled, one_by_one, same_order, taught

from winnow.core.compiled import scorer
from winnow_schemas.codec import decode_record
from winnow_schemas.task import Task

DATA = Path(os.environ.get("WINNOW_DATA", Path(__file__).parents[4] / "shared" / "data"))
LEARNED, SCORED = 250, 250
STREAMS = {
    "elec2": TABLES,
    "shuttle": TABLES,
    "covtype_10pct": TABLES,
    "flights2013": TABLES,
    "spamassassin": TEXTS,
    "newsgroups20": TEXTS,
}


def stream(name):
    path = DATA / f"{name}.jsonl.gz"
    if not path.exists():
        pytest.skip(f"{path} is not there: set WINNOW_DATA to the folder with the data sets")
    with gzip.open(path, "rt") as lines:
        rows = [json.loads(line) for _, line in zip(range(LEARNED + SCORED), lines, strict=False)]
    return [(decode_record(json.dumps(row).encode()), row["label"]) for row in rows]


def task_for(verdicts):
    kinds = {}
    for record, _ in verdicts:
        for name, value in record.get("features", {}).items():
            kinds.setdefault(name, "category" if isinstance(value, str) else "number")
    labels = sorted({label for _, label in verdicts} | {"another"})
    inputs = {"features": kinds, "text": "text" in verdicts[0][0]}
    return Task.model_validate({"task": "stream", "labels": labels, "input": inputs})


@pytest.mark.parametrize(
    ("name", "model_name"), [(name, model) for name, models in STREAMS.items() for model in models]
)
def test_scores_equal_rivers(name, model_name):
    verdicts = stream(name)
    task = task_for(verdicts)
    model = taught(task, model_name, verdicts[:LEARNED])
    records = [record for record, _ in verdicts[LEARNED:]]
    expected = one_by_one(task, model, records)
    found = scorer(compiled(task, model_name, model)).score(records)
    distances = [
        max(abs(before[label] - after[label]) for label in before)
        for before, after in zip(expected, found, strict=True)
    ]
    assert max(distances) < 1e-9
    assert np.median(distances) < 1e-12
    assert all(same_order(before, after) for before, after in zip(expected, found, strict=True))
