"""Which values of a record are odd among those that came before."""

import random

import pytest

from winnow.review.usual_values import ENOUGH, FEATURES, KEPT, UsualValues


def after(*records: dict) -> UsualValues:
    usual = UsualValues()
    for features in records:
        usual.saw({"features": features})
    return usual


def test_a_value_beyond_the_others_is_told_with_what_is_usual() -> None:
    usual = after(*({"wind": float(n % 20)} for n in range(200)))
    assert usual.unusual({"features": {"wind": 41.0}}) == {"wind": {"is": "high", "share": 0.0, "usual": [2.0, 17.0]}}
    assert usual.unusual({"features": {"wind": -1.0}})["wind"]["is"] == "low"
    assert usual.unusual({"features": {"wind": 10.0}}) == {}


def test_a_value_that_many_have_is_usual_however_far_out_it_lies() -> None:
    usual = after(*({"visibility": 10.0} for _ in range(95)), *({"visibility": 900.0} for _ in range(5)))
    assert usual.unusual({"features": {"visibility": 900.0}}) == {}
    assert usual.unusual({"features": {"visibility": 10.0}}) == {}


def test_flags_and_words_are_rare_where_another_is_common() -> None:
    usual = after(*({"rain": False, "to": f"city {n}"} for n in range(99)), {"rain": True, "to": "city 0"})
    assert usual.unusual({"features": {"rain": True, "to": "nowhere"}}) == {
        "rain": {"is": "rare", "share": 0.01, "usual": "false"}
    }, "where all differ, one more is no news"


@pytest.mark.parametrize("value", [1e9, "new"])
def test_nothing_is_odd_among_few(value: object) -> None:
    assert after(*({"x": 1.0} for _ in range(ENOUGH - 1))).unusual({"features": {"x": value}}) == {}


def test_it_follows_the_stream_within_a_bound() -> None:
    usual = after(*({"x": 1.0} for _ in range(KEPT)), *({"x": random.Random(n).uniform(90, 99)} for n in range(KEPT)))
    assert usual.unusual({"features": {"x": 1.0}})["x"]["is"] == "low"
    usual.saw({"features": {f"f{n}": 1.0 for n in range(2 * FEATURES)}})
    assert len(usual._numbers) == FEATURES
