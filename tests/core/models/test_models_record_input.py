import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from winnow.core.models import RecordReader, river_input
from winnow_schemas.task import Task

TASK = Task.model_validate(
    {
        "task": "orders",
        "labels": ["good", "bad"],
        "input": {
            "text": True,
            "features": {"amount": "number", "country": "category", "urgent": "flag"},
            "embedding": 2,
        },
    }
)
RECORD = {
    "features": {"amount": 3, "country": "NZ", "urgent": True},
    "text": "two words",
    "embedding": [0.5, -1.0],
    "label": "bad",
}


def test_each_input_is_read_by_its_kind_and_nothing_else_is():
    assert river_input(TASK, RECORD) == {
        "amount": 3.0,
        "country": "NZ",
        "urgent": 1.0,
        "e0": 0.5,
        "e1": -1.0,
        "text": "two words",
    }


def test_what_is_missing_is_left_out_and_is_no_misfit():
    assert RecordReader(TASK).read({"features": {}, "text": "x"}) == ({"text": "x"}, 0)


@pytest.mark.parametrize(
    "features",
    [
        {"amount": "3"},
        {"amount": True},
        {"amount": 1e200},
        {"amount": math.nan},
        {"country": 7.0},
        {"country": False},
        {"urgent": 1.0},
        {"urgent": "yes"},
    ],
)
def test_a_value_of_the_wrong_kind_counts_as_missing(features):
    values, misfits = RecordReader(TASK).read({"features": features})
    assert misfits == 1
    assert set(values) == {"text"}


def test_an_embedding_of_another_size_counts_as_missing():
    values, misfits = RecordReader(TASK).read({"text": "a", "embedding": [1.0, 2.0, 3.0]})
    assert (set(values), misfits) == ({"text"}, 1)


def test_two_inputs_of_one_name_are_refused():
    task = Task.model_validate(
        {"task": "t", "labels": ["a", "b"], "input": {"text": True, "features": {"text": "number"}}}
    )
    with pytest.raises(ValueError, match="text is the name of another input"):
        RecordReader(task)


ANYTHING = st.one_of(st.none(), st.booleans(), st.floats(), st.text(max_size=5))
FEATURES = st.fixed_dictionaries({}, optional={"amount": ANYTHING, "country": ANYTHING, "urgent": ANYTHING})


@given(FEATURES, st.lists(st.floats(), max_size=3))
def test_whatever_a_record_holds_a_model_reads_finite_numbers_and_strings(features, embedding):
    for name, value in river_input(TASK, {"features": features, "embedding": embedding}).items():
        assert isinstance(value, str) if name in {"country", "text"} else math.isfinite(value)
