"""What is run in lock-step: a small stream that comes with Winnow, and real ones where their files are at hand."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import yaml

from winnow.cli.record_lines import BadLine, RecordLine, read_records
from winnow.demo.sample import SAMPLE
from winnow.replay import Conditions, DeadLine, Line, TrueRecord
from winnow_schemas.codec import encode_record

REPOSITORY = Path(__file__).parents[2]
TASKS = REPOSITORY / "tests" / "replay" / "tasks"
DATA = "WINNOW_DATA"
BESIDE_THE_REPOSITORY = REPOSITORY.parent / "shared" / "data"
BROKEN = b'{"id": "broken", "features": {'


@dataclass(frozen=True)
class Stream:
    """The lines of a file and how people answer; `alarms` is what must happen in it, so that a run shows something."""

    task: Mapping[str, Any]
    lines: list[Line]
    conditions: Conditions
    alarms: frozenset[str]


def real_stream(name: str, records: int, alarms: Iterable[str], **conditions: Any) -> Stream:
    """The first records of a file in the folder that WINNOW_DATA names; without it the test is skipped."""
    path = Path(os.environ.get(DATA) or BESIDE_THE_REPOSITORY) / f"{name}.jsonl.gz"
    if not path.exists():
        pytest.skip(f"needs {name}.jsonl.gz in a folder named by {DATA}")
    lines = [_line(each) for each in islice(read_records(path), records)]
    assert len(lines) == records
    return Stream(_task(name), lines, Conditions(**conditions), frozenset(alarms))


def turning_mail(champion: str, records: int, turns_at: int, **conditions: Any) -> Stream:
    """Mail whose labels change places in its middle; now and then a line is broken."""
    lines = [_line(each) for each in islice(read_records(SAMPLE), records)]
    mixed = [DeadLine(line.offset) if line.offset % 50 == 30 else _turned(line, turns_at) for line in lines]
    of_people = Conditions(**conditions)
    review = dict.fromkeys(("expires", "audit_expires"), of_people.expires_s)
    task = _task("spamassassin") | {"target": {"error": 0.1}, "review": review, "model": {"champion": champion}}
    return Stream(task, mixed, of_people, frozenset({"errors"}))


def within_budget(stream: Stream, share: float) -> Stream:
    """The same, and people are asked about a share of it."""
    return replace(stream, task={**stream.task, "budget": {"share": share}})


def message_of(line: Line) -> tuple[bytes | None, bytes]:
    """Key and value, as a producer writes them."""
    if isinstance(line, DeadLine):
        return None, BROKEN
    return line.record["id"].encode(), encode_record(line.record)


def _task(name: str) -> dict[str, Any]:
    return dict(yaml.safe_load((TASKS / f"{name}.yaml").read_text()))


def _line(line: RecordLine | BadLine) -> TrueRecord:
    assert isinstance(line, RecordLine)
    assert line.label is not None
    return TrueRecord(line.number - 1, line.record, line.label)


def _turned(line: TrueRecord, turns_at: int) -> TrueRecord:
    other = {"ham": "spam", "spam": "ham"}
    return line if line.offset < turns_at else line._replace(label=other[line.label])
