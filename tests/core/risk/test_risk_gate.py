import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import gamma

from winnow.core.risk.gate import SHARES, Gate, upper_limit

GATE = Gate(limit_risk=0.25, min_zone=15)


def answers(seed, n=400, slope=1.0):
    rng = np.random.default_rng(seed)
    z = np.round(rng.normal(-2, 1.5, n), 1)
    wrong = (rng.random(n) < 1 / (1 + np.exp(-slope * z))).astype(float)
    return z, wrong, rng.choice([1.0, 6.25, 12.5], n)


def test_the_upper_limit_gives_the_known_values():
    y, v, m = np.array([3.0, 25.0, 0.0]), np.array([3.0, 312.5, 0.0]), np.array([1.0, 4.0, 1.0])
    assert upper_limit(y, v, m, 0.25) == pytest.approx([5.109427, 38.360695, 1.386294], abs=1e-6)


def test_the_upper_limit_covers_a_poisson_mean_as_often_as_it_says():
    rng = np.random.default_rng(1)
    counts = rng.poisson(6.0, 20_000).astype(float)
    limits = upper_limit(counts, counts, np.ones(20_000), 0.25)
    assert np.mean(limits >= 6.0) >= 0.75


@given(st.integers(0, 50))
def test_zones_are_what_one_counts_by_hand(seed):
    z, wrong, weight = answers(seed)
    for zone in GATE.zones(z, wrong, weight):
        inside = z <= zone.theta
        assert zone.answers == inside.sum() >= 15
        w, y, v = weight[inside].sum(), (weight * wrong)[inside].sum(), (weight**2 * wrong)[inside].sum()
        m = w / inside.sum()
        expected = (v + m * m) / (y + m) * gamma.ppf(0.75, (y + m) ** 2 / (v + m * m)) / w
        assert zone.error == pytest.approx(y / w)
        assert zone.limit == pytest.approx(expected)


@given(st.integers(0, 50), st.floats(0.01, 0.3))
def test_the_widest_zone_below_the_limit_is_taken(seed, allowed):
    z, wrong, weight = answers(seed)
    fitting = [zone for zone in GATE.zones(z, wrong, weight) if zone.limit <= allowed]
    assert GATE.widest(z, wrong, weight, allowed) == (fitting[-1] if fitting else None)


def test_equal_z_stay_together():
    z = np.repeat([-3.0, -1.0], [100, 100])
    assert [zone.answers for zone in GATE.zones(z, np.zeros(200), np.ones(200))] == [100, 200]


def test_zones_end_where_their_share_of_the_traffic_is_reached():
    z = np.arange(1000.0)
    ends = [zone.answers for zone in GATE.zones(z, np.zeros(1000), np.ones(1000))]
    assert ends == [round(share * 1000) for share in SHARES.tolist()]


def test_no_answers_no_zone():
    assert GATE.widest(np.empty(0), np.empty(0), np.empty(0), 0.3) is None


def test_all_wrong_never_opens_and_all_right_opens_wide():
    z = np.linspace(-5, 0, 400)
    assert GATE.widest(z, np.ones(400), np.ones(400), 0.3) is None
    assert GATE.widest(z, np.zeros(400), np.ones(400), 0.05).answers == 398
