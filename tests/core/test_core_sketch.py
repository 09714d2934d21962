"""Sketches: near-duplicates are near, strangers are far, whatever a record brings."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from winnow.core.choice import NEAR
from winnow.core.sketch import NEAR_BITS, NO_SKETCH, SKETCH_BYTES, Sketcher
from winnow_schemas.task import InputSpec

WORDS = [f"{one}{two}{three}" for one in "bdfgklm" for two in "aeiou" for three in "nrstx"]


def differing(one: bytes, other: bytes) -> int:
    first, second = (int.from_bytes(sketch[: NEAR_BITS // 8]) for sketch in (one, other))
    return (first ^ second).bit_count()


def text_sketch(text: str) -> bytes:
    return Sketcher(InputSpec(text=True)).sketch({"text": text})


def test_texts_that_differ_in_numbers_or_in_one_word_of_thirty_are_near():
    parcel = "your parcel {} waits at the depot since {}, please pay the fee of {} euro today"
    assert differing(text_sketch(parcel.format(17, "May", 3)), text_sketch(parcel.format(2048, "May", 99))) == 0
    words = random.Random(1).sample(WORDS, 30)
    assert differing(text_sketch(" ".join(words)), text_sketch(" ".join(["other", *words[1:]]))) <= NEAR


def test_strangers_are_far_and_short_texts_are_near_only_to_themselves():
    chance = random.Random(2)
    texts = [" ".join(chance.sample(WORDS, 20)) for _ in range(60)] + [
        f"text of record {number}" for number in range(60)
    ]
    sketches = [text_sketch(text) for text in texts]
    distances = [differing(one, other) for at, one in enumerate(sketches) for other in sketches[:at]]
    assert min(distances) > NEAR
    assert differing(text_sketch("Ham, or spam?"), text_sketch("spam or HAM")) == 0


@pytest.mark.parametrize("dimensions", [4, 18])
def test_numbers_are_near_when_all_of_them_are(dimensions):
    names = [f"f{place}" for place in range(dimensions)]
    sketcher = Sketcher(InputSpec(features=dict.fromkeys(names, "number")))
    chance = random.Random(3)
    rows = [[chance.gauss(1e9, 50) for _ in names] for _ in range(400)]
    sketches = [sketcher.sketch({"features": dict(zip(names, row, strict=True))}) for row in rows]
    again = [[value + chance.gauss(0, 0.3) for value in row] for row in rows[300:]]
    twins = [sketcher.sketch({"features": dict(zip(names, row, strict=True))}) for row in again]
    assert sum(differing(*pair) <= NEAR for pair in zip(sketches[300:], twins, strict=True)) >= 97
    strangers = [differing(one, other) for at, one in enumerate(sketches[300:]) for other in sketches[300 : 300 + at]]
    assert sum(distance <= NEAR for distance in strangers) <= 1


def test_another_category_or_another_text_is_no_near_duplicate():
    sketcher = Sketcher(InputSpec(text=True, features={"country": "category", "amount": "number"}))

    def sketch(country: str, text: str) -> bytes:
        return sketcher.sketch({"features": {"country": country, "amount": 5.0}, "text": text})

    first = sketch("de", "the same text")
    assert differing(first, sketch("de", "the same text")) == 0
    assert differing(first, sketch("fr", "the same text")) > NEAR
    assert differing(first, sketch("de", "quite another text")) > NEAR


def test_embeddings_are_near_when_they_point_the_same_way():
    sketcher = Sketcher(InputSpec(embedding=64))
    chance = random.Random(4)
    one = [chance.gauss(0, 1) for _ in range(64)]
    assert differing(*(sketcher.sketch({"embedding": [f * x for x in one]}) for f in (1, 3))) == 0
    assert (
        differing(*(sketcher.sketch({"embedding": e}) for e in (one, [x + chance.gauss(0, 0.1) for x in one]))) <= NEAR
    )
    assert differing(*(sketcher.sketch({"embedding": e}) for e in (one, one[::-1]))) > NEAR


VALUES = st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=5), st.booleans())


@given(
    st.text(max_size=200),
    st.dictionaries(st.sampled_from("abcd"), VALUES),
    st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=6),
)
def test_any_record_has_a_sketch_of_the_same_size(text, features, embedding):
    spec = InputSpec(text=True, features={"a": "number", "b": "category", "c": "flag"}, embedding=3)
    sketcher = Sketcher(spec)
    for record in (
        {"text": text},
        {"features": features},
        {"embedding": embedding},
        {"text": text, "features": features},
    ):
        assert len(sketcher.sketch(record)) == SKETCH_BYTES
    assert Sketcher(InputSpec(embedding=3)).sketch({"text": text}) == NO_SKETCH
