import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from winnow.core.risk.drift_alarm import DriftStatistic


def run_length(target, wrongs, run=3_000.0):
    statistic = DriftStatistic(target, run)
    for number, wrong in enumerate(wrongs, 1):
        if statistic.hear(wrong=bool(wrong)):
            return number
    return None


@given(st.floats(0.001, 0.1), st.integers(0, 3_000))
def test_when_all_audits_are_wrong_it_is_raised_within_60(target, right_before):
    length = run_length(target, [False] * right_before + [True] * 60)
    assert length is not None
    assert length > right_before


@pytest.mark.parametrize("target", [0.02, 0.05, 0.1, 0.3])
def test_at_the_target_itself_false_alarms_are_as_rare_as_asked_for(target):
    rng = np.random.default_rng(3)
    lengths = [run_length(target, iter(lambda: rng.random() < target, None), run=150.0) for _ in range(300)]
    assert np.mean(lengths) >= 150.0 - 3 * np.std(lengths) / 300**0.5


@pytest.mark.parametrize(("error", "within"), [(0.3, 100), (0.15, 400)])
def test_a_jump_is_noticed_soon(error, within):
    rng = np.random.default_rng(4)
    lengths = [run_length(0.05, rng.random(5_000) < error) for _ in range(200)]
    assert np.mean(lengths) <= within


def test_it_starts_afresh_and_is_restored():
    statistic = DriftStatistic(0.05, 3_000.0)
    statistic.hear(wrong=True)
    again = DriftStatistic(0.05, 3_000.0)
    again.restore(statistic.snapshot())
    assert again == statistic
    statistic.start_afresh()
    assert statistic.level == 0.0
