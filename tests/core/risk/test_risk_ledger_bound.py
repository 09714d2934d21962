from math import log, pi

import pytest
from hypothesis import given
from hypothesis import strategies as st

from winnow.core.risk.ledger_bound import SHARES, log_wealth, most_wrong

RATES = st.floats(0.001, 0.5)
RISKS = st.floats(1e-4, 0.5)


def test_bounds_are_the_known_ones():
    known = {0: 42.115, 1: 79.875, 2: 105.689, 5: 171.633, 10: 266.283, 50: 892.658}
    assert {found: most_wrong(found, 0.08, 0.05) for found in known} == pytest.approx(known, abs=1.5e-3)
    assert most_wrong(0, 0.05, 0.05) == pytest.approx(68.539, abs=1e-3)
    assert most_wrong(0, 0.16, 0.05) == pytest.approx(20.077, abs=1e-3)
    assert most_wrong(0, 0.08, 0.05 * 6 / pi**2) == pytest.approx(48.661, abs=1e-3)


@given(st.integers(0, 2000), RATES, RISKS)
def test_at_the_bound_the_wealth_is_one_over_the_risk(found, rate, risk):
    assert log_wealth(found, most_wrong(found, rate, risk), rate) == pytest.approx(-log(risk), abs=1e-6)


@given(st.integers(0, 500), RATES, RISKS)
def test_the_bound_rises_with_what_was_found(found, rate, risk):
    assert most_wrong(found + 1, rate, risk) > most_wrong(found, rate, risk)


@given(st.integers(0, 500), RATES, RATES, RISKS, RISKS)
def test_the_bound_falls_with_the_rate_and_with_the_risk(found, rate, other_rate, risk, other_risk):
    low, high = sorted((rate, other_rate))
    assert most_wrong(found, low, risk) >= most_wrong(found, high, risk)
    small, large = sorted((risk, other_risk))
    assert most_wrong(found, rate, small) >= most_wrong(found, rate, large)


def test_the_mixture_is_whole():
    assert sum(SHARES) == pytest.approx(1.0)
    assert log_wealth(0, 0.0, 0.08) == pytest.approx(0.0)
