"""Reading hostile bytes: whatever comes, the answer is a valid message or `InvalidMessage`."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from winnow_schemas.codec import InvalidMessage, decode, decode_record, encode, encode_record
from winnow_schemas.dead_letters import DeadLetter
from winnow_schemas.evidence import Counts, Evidence
from winnow_schemas.generate import contract_name
from winnow_schemas.records import MAX_TEXT_BYTES, MAX_UNKNOWN_DEPTH, ValidRecord
from winnow_schemas.review_requests import ReviewRequest
from winnow_schemas.review_responses import ReviewResponse
from winnow_schemas.topics import CATALOGUE

EXAMPLES = Path(__file__).parents[2] / "schemas" / "examples"
CONTRACTS: dict[str, Any] = {contract_name(topic): topic.contract for topic in CATALOGUE}
EXAMPLE_BYTES = [(file.parent.name, file.read_bytes()) for file in sorted(EXAMPLES.glob("*/*.json"))]
DEEP = 100_000

BROKEN = {
    "empty": b"",
    "blank": b" \n",
    "truncated": b'{"id": "a", "text": "hel',
    "two messages": b'{"text": "a"} {"text": "b"}',
    "invalid utf-8": b'{"text": "\xff\xfe"}',
    "surrogate in utf-8": b'{"text": "\xed\xa0\x80"}',
    "lone high surrogate": rb'{"text": "\ud800"}',
    "lone low surrogate": rb'{"text": "\udfff!"}',
    "lone surrogate in a key": rb'{"text": "a", "\ud800": 1}',
    "utf-16": '{"text": "a"}'.encode("utf-16"),
    "byte order mark": b'\xef\xbb\xbf{"text": "a"}',
    "open brackets": b"[" * DEEP,
    "deep objects": b'{"text":' * DEEP,
    "deep in an unknown field": b'{"text": "a", "x": ' + b"[" * DEEP + b"]" * DEEP + b"}",
    "ten megabytes of text": b'{"text": "' + b"a" * 10_000_000 + b'"}',
    "ten megabytes of noise": bytes(range(256)) * 40_000,
    "a list": b"[]",
    "a number": b"1",
    "null": b"null",
    "nothing to score": b'{"id": "a"}',
    "only empty features": b'{"features": {}}',
    "id is a number": b'{"id": 5, "text": "a"}',
    "id is empty": b'{"id": "", "text": "a"}',
    "id is too long": b'{"id": "' + b"a" * 201 + b'", "text": "a"}',
    "text is null": b'{"text": null}',
    "text is a list": b'{"text": ["a"]}',
    "feature is nan": b'{"features": {"a": NaN}}',
    "feature is infinite": b'{"features": {"a": -Infinity}}',
    "feature is too large": b'{"features": {"a": 1e999}}',
    "feature is a huge whole number": b'{"features": {"a": 1' + b"0" * 400 + b"}}",
    "feature is null": b'{"features": {"a": null}}',
    "feature is a list": b'{"features": {"a": [1]}}',
    "features are a list": b'{"features": [1, 2]}',
    "embedding is text": b'{"embedding": "0.1"}',
    "embedding holds text": b'{"embedding": ["0.1"]}',
    "embedding holds a boolean": b'{"embedding": [true]}',
    "embedding holds nan": b'{"embedding": [NaN]}',
    "unknown field is nan": b'{"text": "a", "x": NaN}',
    "unknown field holds nan": b'{"text": "a", "x": {"y": [1, {"z": NaN}]}}',
    "unknown field is too large": b'{"text": "a", "x": 1e999}',
    "time without a zone": b'{"text": "a", "at": "2026-03-01T00:00:00"}',
    "time before the first year": b'{"text": "a", "at": "0001-01-01T00:00:00+23:59"}',
    "time after the last year": b'{"text": "a", "at": "9999-12-31T23:59:59-23:59"}',
    "show holds a number": b'{"text": "a", "show": {"x": 1}}',
    "group is a number": b'{"text": "a", "group": 1}',
}


@pytest.mark.parametrize("message", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_record_is_an_invalid_message_in_one_short_line(message: bytes):
    with pytest.raises(InvalidMessage) as caught:
        decode_record(message)
    assert caught.value.code.replace("_", "").isalnum()
    assert 0 < len(str(caught.value)) <= 500
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_broken_message_is_an_invalid_message_for_every_contract(name: str):
    for what, message in BROKEN.items():
        with pytest.raises(InvalidMessage):
            pytest.fail(f"{what} was read as {decode(CONTRACTS[name], message)!r:.200}")


def test_a_message_without_a_value_is_invalid():
    with pytest.raises(InvalidMessage, match="no value"):
        decode(ReviewResponse, None)  # type: ignore[arg-type]


def test_the_text_may_have_its_full_length_in_bytes():
    assert decode_record(json.dumps({"text": "a" * MAX_TEXT_BYTES}).encode())
    assert decode_record(json.dumps({"text": "é" * (MAX_TEXT_BYTES // 2)}, ensure_ascii=False).encode())
    with pytest.raises(InvalidMessage, match="longer than"):
        decode_record(json.dumps({"text": "é" * (MAX_TEXT_BYTES // 2 + 1)}, ensure_ascii=False).encode())


def test_a_record_that_is_just_deep_enough_still_fits_into_a_request():
    deep: Any = "x"
    for _ in range(MAX_UNKNOWN_DEPTH):
        deep = [deep]
    record = decode_record(json.dumps({"text": "a", "unknown": deep}).encode())
    example = dict(EXAMPLE_BYTES)["review-requests.v1"]
    request = decode(ReviewRequest, example).model_copy(update={"record": record})
    assert decode(ReviewRequest, encode(request)).record == record


def test_the_bytes_of_a_dead_letter_come_back_as_they_were():
    original = bytes(range(256)) * 10
    letter = decode(DeadLetter, dict(EXAMPLE_BYTES)["dead-letters.v1"]).model_copy(
        update={"original": original, "key": b"\x00\xff"}
    )
    back = decode(DeadLetter, encode(letter))
    assert (back.original, back.key) == (original, b"\x00\xff")


def test_whole_numbers_and_booleans_of_features_keep_their_kind():
    features = decode_record(b'{"features": {"a": 1, "b": true, "c": "1", "d": 2.5}}')["features"]
    assert features == {"a": 1.0, "b": True, "c": "1", "d": 2.5}
    assert [type(value) for value in features.values()] == [float, bool, str, float]


def test_counts_are_written_with_the_wires_names():
    message = next(message for name, message in EXAMPLE_BYTES if name == "evidence.v1" and b'"counts"' in message)
    counts = decode(Evidence, message)
    assert isinstance(counts, Counts)
    assert json.loads(encode(counts)).keys() >= {"from", "to"}


@pytest.mark.parametrize(
    "named",
    [
        {"action": "recall"},
        {"action": "recall", "from": 3},
        {"action": "recall", "from": 3, "to": 2},
        {"action": "halt", "from": 3, "to": 4},
        {"action": "resume", "to": 4},
        {"action": "stop"},
        {"action": "alarm", "command_id": ""},
    ],
)
def test_a_command_names_policy_versions_for_a_recall_and_only_then(named: dict[str, Any]):
    command = {"kind": "command", "command_id": "c", "operator": "o", "at": "2026-03-03T07:00:00Z", **named}
    with pytest.raises(InvalidMessage):
        decode(Evidence, json.dumps(command).encode())


@given(st.binary(max_size=400))
def test_noise_never_raises_anything_else(noise: bytes):
    for contract in CONTRACTS.values():
        _stable(contract, noise)


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["2026-03-01T00:00:00Z", "0001-01-01T00:00:00+23:59", "counts", "closing", "label", "champion"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(EXAMPLE_BYTES), st.data())
def test_a_message_with_any_value_in_any_place_is_read_or_is_invalid(example: tuple[str, bytes], data: st.DataObject):
    name, message = example
    value = json.loads(message)
    path = data.draw(st.sampled_from(_places(value)))
    spoilt = json.dumps(_with(value, path, data.draw(JSON_VALUES))).encode()
    _stable(CONTRACTS[name], spoilt)


@given(st.sampled_from(EXAMPLE_BYTES), st.integers(0), st.integers(0, 255))
def test_a_message_with_any_byte_changed_is_read_or_is_invalid(example: tuple[str, bytes], place: int, byte: int):
    name, message = example
    spoilt = bytearray(message)
    spoilt[place % len(spoilt)] = byte
    _stable(CONTRACTS[name], bytes(spoilt))


@given(st.sampled_from(EXAMPLE_BYTES), st.integers(0))
def test_a_truncated_message_is_invalid(example: tuple[str, bytes], length: int):
    name, message = example
    body = message.rstrip()
    with pytest.raises(InvalidMessage):
        decode(CONTRACTS[name], body[: length % len(body)])


FEATURES = st.dictionaries(
    st.text(max_size=10),
    st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=10) | st.booleans(),
    min_size=1,
    max_size=5,
)
RECORDS = st.fixed_dictionaries(
    {"features": FEATURES},
    optional={
        "id": st.text(min_size=1, max_size=20),
        "at": st.datetimes().map(lambda at: at.isoformat() + "Z"),
        "text": st.text(max_size=50),
        "embedding": st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=5),
        "group": st.text(max_size=5),
        "show": st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3),
        "unknown": st.dictionaries(
            st.text(max_size=3), st.integers(-(10**18), 10**18) | st.text(max_size=3), max_size=3
        ),
    },
)


@given(RECORDS)
def test_a_valid_record_comes_back_as_it_went(raw: dict[str, Any]):
    record = decode_record(json.dumps(raw).encode())
    assert {key: value for key, value in record.items() if key != "at"} == {k: v for k, v in raw.items() if k != "at"}
    assert decode_record(encode_record(record)) == record


def _stable(contract: Any, message: bytes) -> None:
    """Invalid, or readable and then the same after a round through bytes."""
    try:
        read = decode(contract, message)
    except InvalidMessage:
        return
    written = encode(read) if isinstance(read, BaseModel) else encode_record(read)  # type: ignore[arg-type]
    again = decode(contract, written)
    assert again == read or contract is not ValidRecord  # contracts drop nulls and may hold NaN in unknown fields
    assert type(again) is type(read)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, child in inner for place in _places(child, (*path, key)))]


def _with(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copied = dict(value) if isinstance(value, dict) else list(value)
    copied[path[0]] = _with(value[path[0]], path[1:], new)
    return copied
