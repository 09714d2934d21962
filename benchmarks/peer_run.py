"""One run of peers: `data/model/target/records/every` (all of them on the same scores) or `.../STRATEGY`.

With `every` the model learns from every label, which nobody pays for; with the name of a strategy it
learns only what that strategy asked.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.data_sets import DATA_SETS, DataFolder
from benchmarks.peers.choices import NAMES, Setting, make
from benchmarks.peers.following import Seen, by_every_label, by_own_queries, follow
from benchmarks.run_cache import REPOSITORY, Values, code_hash
from benchmarks.run_process import Step, serve
from winnow.cli.replay_lines import ReplayLines
from winnow.core.models import RecordReader, build
from winnow.replay import TrueRecord
from winnow_schemas.task import Task

DELAY_RECORDS = 200
EVERY_LABEL = "every"
PACKAGES = ("river", "numpy", "scikit-activeml", "scikit-learn", "scipy")

_WINNOW = REPOSITORY / "services" / "winnow"
_HERE = Path(__file__)


def code() -> str:
    """What the figures of peers rest on; not the core's risk, which they do not use."""
    places = (
        *(place for place in (_WINNOW / "core").iterdir() if place.name != "risk" and place.suffix in {"", ".py"}),
        _WINNOW / "replay" / "worst_window.py",
        _HERE,
        _HERE.parent / "peers",
        _HERE.parent / "data_sets.py",
    )
    return code_hash(places, PACKAGES)


def run(row: str, seed: str, step: Step) -> Values:
    """The outcomes by strategy."""
    name, model, target, records, taught = row.split("/")
    data = DATA_SETS[name]
    task = data.task(model, float(target))
    setting = Setting(len(task.labels), float(target), int(seed))
    names = NAMES if taught == EVERY_LABEL else (taught,)
    made = {strategy: make(strategy, setting) for strategy in names}
    lines = ReplayLines(DataFolder.of_environment().file(data), task, int(records), step)
    learns = by_every_label if taught == EVERY_LABEL else by_own_queries
    outcomes = follow(_seen(lines, task), build(task, model), made, learns, DELAY_RECORDS)
    return {strategy: outcome.as_values() for strategy, outcome in outcomes.items()}


def _seen(lines: ReplayLines, task: Task) -> Iterator[Seen]:
    reader = RecordReader(task)
    places = {label: place for place, label in enumerate(task.labels)}
    for line in lines():
        if isinstance(line, TrueRecord):
            yield Seen(reader.read(line.record).values, places[line.label])


if __name__ == "__main__":
    sys.exit(serve(code, run))
