"""Many records are read as one is: the same values, the same misfits."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.compiled.compiled_cases import SENDERS, records, task_of, usual_records

from winnow.core.compiled.category_columns import FIRST, MISSING, UNSEEN
from winnow.core.compiled.inputs import Inputs
from winnow.core.compiled.record_columns import ColumnReader
from winnow.core.models import RecordReader

TASK = task_of(2, input={"text": True})
INPUTS = Inputs.of(TASK)
VALUES = {"sender": list(SENDERS), "tone": ["kind"], "text": ["win"]}


def read(batch):
    return ColumnReader(INPUTS, VALUES).read(batch)


@given(st.lists(records(), min_size=1, max_size=20))
def test_the_columns_hold_what_a_reader_reads_record_by_record(batch):
    reader = RecordReader(TASK)
    readings = [reader.read(record) for record in batch]
    columns = read(batch)
    assert columns.misfits == sum(reading.misfits for reading in readings)
    for place, reading in enumerate(readings):
        numbers = dict(zip(INPUTS.number_columns, columns.numbers[:, place].tolist(), strict=True))
        assert {name: number for name, number in numbers.items() if not math.isnan(number)} == {
            name: number for name, number in reading.values.items() if not isinstance(number, str)
        }
        for name, codes in zip(INPUTS.category_columns, columns.codes, strict=True):
            assert codes[place] == code_of(name, reading.values.get(name))


def code_of(name, value):
    if value is None:
        return MISSING
    return VALUES[name].index(value) + FIRST if value in VALUES[name] else UNSEEN


def test_one_odd_record_spoils_no_other():
    batch = [record for record, _ in usual_records(TASK, 50, seed=1)]
    odd = {"features": {"size": "big", "weight": 10**400, "known": 1, "sender": True}, "embedding": [0.0]}
    alone, together = read(batch), read([*batch, odd])
    assert together.misfits == alone.misfits + 5
    assert np.array_equal(together.numbers[:, :-1], alone.numbers, equal_nan=True)
    assert np.isnan(together.numbers[:, -1]).all()


@pytest.mark.parametrize("batch", [[], [{}], [{"features": {}}, {"text": ""}]])
def test_nothing_is_read_of_nothing(batch):
    columns = read(batch)
    assert columns.misfits == 0
    assert columns.numbers.shape == (len(INPUTS.number_columns), len(batch))
    assert np.isnan(columns.numbers).all()
