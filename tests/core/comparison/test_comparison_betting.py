import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from winnow.core.comparison.betting import LATER_EVERY, Capital

DIFFERENCES = st.lists(st.tuples(st.floats(-1.0, 1.0), st.floats(1.0, 20.0)), max_size=60)


def played(differences):
    capital = Capital()
    for difference, weight in differences:
        capital.hear(difference, weight)
    return capital


@given(DIFFERENCES)
def test_the_capital_is_always_a_positive_number(differences):
    assert np.isfinite(played(differences).log)


@given(DIFFERENCES, st.floats(1.0, 20.0))
def test_a_fair_game_gives_nothing_on_average_whatever_was_before(differences, weight):
    before = played(differences)
    for sure in (0.3, 1.0):
        up, down = (Capital() for _ in range(2))
        up.restore(before.snapshot())
        down.restore(before.snapshot())
        up.hear(sure, weight)
        down.hear(-sure, weight)
        assert np.exp(up.log - before.log) / 2 + np.exp(down.log - before.log) / 2 == pytest.approx(1.0)


@given(DIFFERENCES, DIFFERENCES)
def test_it_goes_on_from_a_snapshot_as_if_nothing_had_been(first, second):
    whole, again = played(first + second), Capital()
    again.restore(json.loads(json.dumps(played(first).snapshot())))
    for difference, weight in second:
        again.hear(difference, weight)
    assert again.log == whole.log


@given(DIFFERENCES)
def test_games_beside_each_other_do_not_touch_each_other(differences):
    beside = Capital((2,))
    for difference, weight in differences:
        beside.hear(np.array([difference, 0.0]), np.array([weight, 1.0]))
    assert beside.log[0] == pytest.approx(float(played(differences).log))
    assert beside.log[1] == pytest.approx(0.0)


def test_a_heavy_verdict_counts_in_full_only_after_another_one():
    assert played([(1.0, 20.0)]).log == played([(1.0, 1.0)]).log
    assert played([(0.0, 20.0), (1.0, 20.0)]).log > played([(0.0, 20.0), (1.0, 1.0)]).log


def test_who_was_worse_at_first_is_not_held_to_it_for_ever():
    capital = played([(-1.0, 1.0)] * (LATER_EVERY - 1) + [(1.0, 1.0)] * 100)
    assert capital.log > np.log(20.0)
