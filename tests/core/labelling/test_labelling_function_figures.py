import pytest
from hypothesis import given
from hypothesis import strategies as st

from winnow.core.labelling import FunctionFigures, interval


def test_coverage_accuracy_overlaps_and_conflicts_are_counted():
    figures = FunctionFigures(("one", "two", "three"))
    figures.add({"one": "spam", "two": "ham"}, "spam")
    figures.add({"one": "spam", "two": "spam"}, "spam")
    figures.add({"one": "ham"}, None)
    figures.add({}, "ham")
    figures.failed("three", "error", "KeyError: size")
    figures.failed("three", "error", "another")
    values = figures.as_values()
    one, two, three = (values["functions"][name] for name in ("one", "two", "three"))
    assert (values["records"], values["without_any_vote"]) == (4, 1)
    assert (one["coverage"], one["accuracy"], one["overlaps"], one["conflicts"]) == (0.75, 1.0, 0.5, 0.25)
    assert (two["coverage"], two["accuracy"], two["votes"]) == (0.5, 0.5, {"ham": 1, "spam": 1})
    assert (three["coverage"], three["accuracy"], three["accuracy_between"]) == (0.0, None, None)
    assert (three["failures"], three["first_failure"]) == ({"error": 2}, "KeyError: size")


def test_the_interval_is_wilsons():
    assert interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert interval(0, 0) is None


@given(st.integers(1, 1_000), st.data())
def test_an_interval_holds_the_share_and_stays_within_0_and_1(of, data):
    hits = data.draw(st.integers(0, of))
    least, most = interval(hits, of)
    assert 0.0 <= least <= hits / of + 1e-12
    assert hits / of - 1e-12 <= most <= 1.0
