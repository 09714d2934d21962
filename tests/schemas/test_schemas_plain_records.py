"""Plain records are read as the contract reads them, and whatever is not plain is left to the contract."""

import json
import math
import struct

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec import UNSET
from tests.schemas.test_schemas_codec import BROKEN

from winnow_schemas.codec import InvalidMessage, decode_record
from winnow_schemas.plain_records import MOST_NUMBERS, PlainReader

NAMES = ("a", "größe", "x" * 40)
READER = PlainReader(NAMES)

NUMBERS = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
TIMES = st.sampled_from(
    [
        "2026-01-01T12:00:00Z",
        "2026-01-01t12:00:00.123456789+05:30",
        "2026-01-01 12:00:00-00:00",
        "2026-01-01T12:00:00",
        "2026-01-01T12:00:60Z",
        "0001-01-01T00:00:00+12:00",
        "9999-12-31T23:59:59-12:00",
        "2026-02-30T00:00:00Z",
        1_700_000_000,
    ]
)
VALUES = NUMBERS | TEXTS | st.booleans() | st.none() | st.lists(NUMBERS, max_size=1)
ALMOST_PLAIN = st.fixed_dictionaries(
    {"features": st.dictionaries(st.sampled_from([*NAMES, "other"]), NUMBERS | NUMBERS | NUMBERS | VALUES)},
    optional={
        "id": TEXTS | st.just("i" * 201) | st.none(),
        "at": TIMES,
        "group": TEXTS | st.none(),
        "show": st.dictionaries(TEXTS, TEXTS | st.none(), max_size=2),
        "text": TEXTS,
        "unknown": VALUES,
    },
)
WRITTEN = st.builds(
    lambda record, indent, escaped: json.dumps(record, indent=indent, ensure_ascii=escaped).encode(),
    ALMOST_PLAIN,
    st.sampled_from([None, 1]),
    st.booleans(),
)
FORGED = [
    b'{"features":{"a":1,"a":2}}',
    b'{"features":{"a":1},"features":{"a":2}}',
    b'{"id":"a","id":"b","features":{"a":1}}',
    b'{"id":5,"id":"b","features":{"a":1}}',
    b'{"features":{"a":1,"a":"x"}}',
    b'{"features":{"a":1},"features":{"b":2}}',
    rb'{"features":{"\u0061":1, "gr\u00f6\u00DFe":2}}',
    rb'{"features":{"a":1},"group":"\ud83d\ude00"}',
    rb'{"features":{"a":1},"group":"\ud800"}',
    b'{"features":{"a":1},"group":"\xff"}',
    b'{"features":{"a":1},"group":"\x7f"}',
    b'{"features":{"a":1},"group":"\x1f"}',
    b'{"features":{"a":01}}',
    b'{"features":{"a":1.}}',
    b'{"features":{"a":+1}}',
    b'{"features":{"a":-0}}',
    b'{"features":{"a":1e-400}}',
    b'{"features":{"a":0.1000000000000000055511151231257827021181583404541015625}}',
    b'{"features":{"a":179769313486231580793728971405303415079934132710037826936173778980444968292764e231}}',
    b'{"features":{"a":1}}{"features":{"a":1}}',
    b' \n{"features"\t:{"a":1}} ',
]


def numbers(records):
    """Of each record the numbers as they stand in the packed bytes."""
    packed = READER.packed(records)
    for number in range(len(records)):
        row = packed.begin + number * packed.width
        yield [struct.unpack_from(">d", packed.data, row + place)[0] for place in packed.places]


@given(st.lists(WRITTEN | st.sampled_from([*FORGED, *BROKEN.values(), None]), max_size=20))
@example([*FORGED])
@example([*BROKEN.values()])
def test_plain_records_say_what_the_contract_says(messages):
    records, others = READER.read(messages)
    plain = [message for place, message in enumerate(messages) if place not in others]
    assert len(records) == len(plain)
    for message, record, row in zip(plain, records, numbers(records), strict=True):
        if not json.loads(message)["features"]:
            continue  # nothing to score: left to who reads the numbers
        expected = decode_record(message)
        assert record.id == expected.get("id", "")
        assert (None if record.group is UNSET else record.group) == expected.get("group")
        assert {name: value for name, value in zip(NAMES, row, strict=True) if not math.isnan(value)} == expected[
            "features"
        ]


@given(st.dictionaries(st.sampled_from(NAMES), NUMBERS), st.booleans())
def test_usual_records_are_plain(features, escaped):
    message = json.dumps({"id": "one", "features": features}, ensure_ascii=escaped).encode()
    try:
        decode_record(message)
    except InvalidMessage:
        return
    assert READER.read([message]).others == []


@pytest.mark.parametrize("names", [(), [f"f{number}" for number in range(MOST_NUMBERS + 1)], ['a"b']])
def test_some_features_are_never_plain(names):
    with pytest.raises(ValueError, match=r"plain|must not contain"):
        PlainReader(names)
