"""Numbers of plain records are those that the columns of the same records hold."""

import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from winnow.core.compiled import plain_columns
from winnow.core.compiled.number_columns import NumberColumns
from winnow.core.compiled.plain_columns import PlainColumns

NAMES = ("a", "b", "longer", "c")
NUMBERS = st.sampled_from([0.0, 1.0, -2.5, 1e99, 1e101, -1e200, 5e-324])
RECORDS = st.lists(st.dictionaries(st.sampled_from(NAMES), NUMBERS), max_size=30)


@given(RECORDS, st.sampled_from([1, 2, 256]))
def test_they_are_read_alike_whatever_the_portion(features, at_once):
    before, plain_columns._AT_ONCE = plain_columns._AT_ONCE, at_once
    try:
        messages = [json.dumps({"id": str(at), "features": given}).encode() for at, given in enumerate(features)]
        read = PlainColumns(NAMES).read(messages)
    finally:
        plain_columns._AT_ONCE = before
    something = [place for place, given in enumerate(features) if given]
    expected = NumberColumns(NAMES, frozenset()).read([features[place] for place in something])
    assert read.others == [place for place, given in enumerate(features) if not given]
    assert read.ids == [str(place) for place in something]
    assert read.numbers.misfits == expected.misfits
    assert np.array_equal(read.numbers.table, expected.table, equal_nan=True)
