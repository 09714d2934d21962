import numpy as np
import pytest
from benchmarks.peers.conformal import AdaptiveConformal, Calibration, SlidingConformal, set_size
from benchmarks.peers.entropy_sampler import EntropySampler
from benchmarks.peers.fixed_threshold import FixedThreshold
from benchmarks.peers.following import Seen, by_every_label, by_own_queries, follow
from hypothesis import given
from hypothesis import strategies as st


def scores(*values):
    return np.array(values, dtype=np.float64)


def test_a_fixed_threshold_asks_below_it_only():
    rule = FixedThreshold(0.9)
    assert rule.asks(scores(0.11, 0.89))
    assert not rule.asks(scores(0.1, 0.9))


def calibrated(*nonconformities, weight=1.0):
    calibration = Calibration()
    for value in nonconformities:
        calibration.add(value, weight)
    return calibration


def test_the_quantile_of_nine_answers_at_ten_per_cent_is_the_largest():
    calibration = calibrated(*(place / 10 for place in (5, 1, 9, 3, 7, 2, 8, 4, 6)))
    assert calibration.quantile(0.1) == pytest.approx(0.9)  # ⌈(9+1)·.9⌉ = 9th of 9
    assert calibration.quantile(0.2) == pytest.approx(0.8)
    assert calibration.quantile(0.05) == np.inf  # the 10th would be needed


def test_an_answer_that_stands_for_more_records_weighs_more():
    calibration = calibrated(0.1, 0.2)
    calibration.add(0.9, 12.5)
    assert calibration.quantile(0.9) == pytest.approx(0.2)  # .1·(14.5+1) = 1.55 is passed at the second
    assert calibration.quantile(0.5) == pytest.approx(0.9)


def test_a_level_of_all_misses_leaves_the_top_label_only():
    assert set_size(scores(0.5, 0.5), calibrated(0.0, 0.1).quantile(1.0)) == 1


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60), st.integers(1, 99))
def test_equal_weights_give_the_usual_conformal_rank(values, hundredths):
    rank = -((len(values) + 1) * (100 - hundredths) // -100)  # ⌈(n+1)(1-α)⌉
    expected = sorted(values)[rank - 1] if rank <= len(values) else np.inf
    assert calibrated(*values).quantile(hundredths / 100) == pytest.approx(expected)


def test_the_sliding_window_asks_until_it_is_calibrated_and_where_the_set_has_several_labels():
    rule = SlidingConformal(0.1, window=20, least_answers=20)
    for place in range(19):
        rule.answered(scores(1 - place / 50, place / 50), 0, asked=True)
    assert rule.asks(scores(1.0, 0.0))
    rule.answered(scores(0.62, 0.38), 0, asked=True)  # now 0, .02, … .38: the 19th of 20 is .36
    assert not rule.asks(scores(0.65, 0.35))  # 1-.65 ≤ .36, 1-.35 > .36
    assert not rule.asks(scores(0.5, 0.5))  # none is near enough, so the top one stands alone
    for _ in range(20):
        rule.answered(scores(0.3, 0.7), 0, asked=True)
    assert rule.asks(scores(0.65, 0.35))  # now both are


def test_adaptive_conformal_moves_its_level_by_what_its_sets_missed():
    rule = AdaptiveConformal(0.1, audit_rate=1.0, seed="s", least_answers=2)
    for sure in (0.9, 0.8):
        assert rule.asks(scores(sure, 1 - sure))
        rule.answered(scores(sure, 1 - sure), 0, asked=True)
    assert rule.level == 0.1  # no set, no miss
    rule.level = 0.4
    assert rule.asks(scores(0.85, 0.15))  # limit: the ⌈3·.6⌉ = 2nd of (.1, .2); an audit for certain
    rule.answered(scores(0.85, 0.15), 0, asked=True)
    assert rule.level == pytest.approx(0.4 + 0.005 * 0.1)
    assert rule.asks(scores(0.85, 0.15))
    rule.answered(scores(0.85, 0.15), 1, asked=True)  # the truth was not in the set
    assert rule.level == pytest.approx(0.4 + 0.005 * 0.1 - 0.005 * 0.9)


def test_adaptive_conformal_weighs_an_audit_by_its_rate_and_ignores_what_came_for_nothing():
    rule = AdaptiveConformal(0.1, audit_rate=0.5, seed="s", least_answers=1)
    rule.asks(scores(0.6, 0.4))
    rule.answered(scores(0.6, 0.4), 0, asked=True)
    rule.level = 0.6  # limit: the ⌈2·.4⌉ = 1st: .4
    sure = scores(0.9, 0.1)
    while not rule.asks(sure):
        rule.answered(sure, 1, asked=False)
    assert rule.level == 0.6
    rule.answered(sure, 1, asked=True)
    assert rule.level == pytest.approx(0.6 + 0.005 * (0.1 - 1.0))
    rule.level = 0.0  # both labels are in the set: people are asked for certain, and the level recovers
    assert rule.asks(sure)
    rule.answered(sure, 1, asked=True)
    assert rule.level == pytest.approx(0.005 * 0.5 * 0.1)


def test_rivers_sampler_asks_where_all_is_even_and_never_where_one_label_is_certain():
    sampler = EntropySampler(seed=1)
    assert all(sampler.asks(scores(0.5, 0.5)) for _ in range(20))
    assert not any(sampler.asks(scores(1.0, 0.0)) for _ in range(20))


class _Counting:
    """A model that is sure of label a, and remembers what it learned."""

    labels = ("a", "b")

    def __init__(self):
        self.taught = []

    @property
    def learned(self):
        return len(self.taught)

    def learn_one(self, x, y):
        self.taught.append((x["at"], y))

    def predict_proba_one(self, x):
        return {"a": 0.95, "b": 0.05}


class _EveryThird:
    def __init__(self):
        self.count = 0
        self.told = []

    def asks(self, scores):
        self.count += 1
        return self.count % 3 == 0

    def answered(self, scores, truth, *, asked):
        self.told.append((truth, asked))


def stream(records):
    return [Seen({"at": place}, place % 2) for place in range(records)]


def test_a_model_taught_by_every_label_learns_them_in_order_and_late():
    model, rule = _Counting(), _EveryThird()
    outcomes = follow(stream(10), model, {"third": rule}, by_every_label, delay=4)
    assert model.taught == [(place, "ab"[place % 2]) for place in range(6)]
    assert outcomes["third"].records == 10
    assert rule.count == 6  # the first 4 had no score: people saw them
    assert outcomes["third"].as_values()["reviews"] == 4 + 2
    assert rule.told == [(0, False), (1, False)]  # offsets 4 and 5


def test_a_model_taught_by_its_queries_learns_nothing_else():
    model, rule = _Counting(), _EveryThird()
    outcomes = follow(stream(10), model, {"third": rule}, by_own_queries, delay=1)
    assert [place for place, _ in model.taught] == [0, 3, 6]
    assert rule.told == [(1, True), (0, True)]
    assert outcomes["third"].as_values()["auto"] == 6


def test_the_machine_is_wrong_where_its_top_label_is_not_the_truth():
    values = follow(stream(12), _Counting(), {"f": FixedThreshold(0.9)}, by_every_label, delay=2)["f"].as_values()
    assert (values["auto"], values["auto_errors"]) == (10, 5)
    assert values["worst_window"] == 0.5
