"""One replay of the risk benchmark: a row under one salt, by the same code as `winnow replay`."""

import sys
from pathlib import Path

from benchmarks.data_sets import DATA_SETS, DataFolder
from benchmarks.run_cache import REPLAY_CODE, Values, code_hash
from benchmarks.run_process import Step, serve
from winnow.cli.replay_lines import ReplayLines
from winnow.replay import Conditions
from winnow.replay.study import Plan, Study

DELAY_RECORDS = 200.0


def code() -> str:
    """What a replay's figures rest on, the data sets and this file among it."""
    here = Path(__file__)
    return code_hash((*REPLAY_CODE, here, here.parent / "data_sets.py"))


def replay(row: str, salt: str, step: Step) -> Values:
    """The figures of `data/model/target/records` under a salt; answers come 200 records later."""
    name, model, target, records = row.split("/")
    data = DATA_SETS[name]
    task = data.task(model, float(target))
    study = Study(Plan(task, Conditions(delay_s=DELAY_RECORDS, salt=salt), [salt]))
    study.run(ReplayLines(DataFolder.of_environment().file(data), task, int(records), step), ())
    return study.first


if __name__ == "__main__":
    sys.exit(serve(code, replay))
