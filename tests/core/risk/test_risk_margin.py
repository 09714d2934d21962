import pytest
from hypothesis import given
from hypothesis import strategies as st

from winnow.core.risk.margin import Margin

MARGIN = Margin(target=0.05, kick=1.35, floor=0.25, base=5.0)


@given(st.floats(0, 1e9), st.integers(0, 10**9))
def test_the_margin_lies_between_floor_and_one(spent, released):
    assert 0.25 <= MARGIN(spent, released) <= 1.0


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.integers(0, 10**7))
def test_the_more_is_spent_the_less_is_left(spent, more, released):
    assert MARGIN(spent + more, released) <= MARGIN(spent, released)


def test_known_values():
    assert MARGIN(0.0, 0) == 1.0
    assert MARGIN(5.0, 0) == pytest.approx(0.35)
    assert MARGIN(30.0, 1000) == pytest.approx(1.35 - 30 / 55)
