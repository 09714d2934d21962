import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from winnow.core.comparison import (
    Capital,
    Comparison,
    Judgement,
    PromotionRule,
    agrees,
    evidence_needed,
    judged,
    weight_of,
)
from winnow.core.comparison.promotion import trial_gain, what_got_worse

RULE = PromotionRule()
SCORES = st.dictionaries(st.sampled_from("abc"), st.floats(0.0, 1.0), max_size=3)
VERDICTS = st.lists(
    st.tuples(SCORES, SCORES, st.sampled_from("abc"), st.floats(0.0, 1.0)),
    max_size=40,
)


def compared(verdicts):
    comparison = Comparison()
    for champion, challenger, label, propensity in verdicts:
        comparison.hear(judged(champion, label), judged(challenger, label), label, propensity)
    return comparison


def sure(label, probability=0.9):
    return {name: probability if name == label else (1 - probability) / 2 for name in "abc"}


def runs(seed, *, better, propensity=1.0, verdicts=5_000, disagree=0.08, seeds=200):
    """Evidence against champions, one row a seed: wins and losses of the challenger, `better` of them more wins."""
    rng = np.random.default_rng(seed)
    accuracy, loss = Capital((seeds,)), Capital((seeds,))
    highest = np.full(seeds, -np.inf)
    for _ in range(verdicts):
        chance = rng.random(seeds)
        win, lose = (disagree + better) / 2, (disagree - better) / 2
        difference = np.where(chance < win, 1.0, np.where(chance < win + lose, -1.0, 0.0))
        weight = np.where(rng.random(seeds) < propensity, 1.0, 1.0 / 0.08)
        accuracy.hear(difference, weight)
        loss.hear(0.3 * difference + rng.normal(0.0, 0.05, seeds), weight)
        highest = np.maximum(highest, np.logaddexp(accuracy.log, loss.log) - np.log(2.0))
    return highest >= np.log(1.0 / RULE.risk)


def test_a_challenger_that_is_no_better_is_hardly_ever_promoted():
    assert runs(1, better=0.0).mean() <= RULE.risk


def test_a_worse_challenger_is_promoted_still_less():
    assert runs(2, better=-0.01).mean() <= 0.01


def test_with_audits_of_known_coins_among_the_verdicts_that_holds_as_well():
    assert runs(3, better=0.0, propensity=0.8).mean() <= RULE.risk


def test_one_that_is_better_by_two_points_is_promoted_within_5000_verdicts():
    assert runs(4, better=0.02).mean() >= 0.9


@given(VERDICTS)
def test_a_model_is_no_better_than_itself(verdicts):
    same = [(champion, champion, label, propensity) for champion, _, label, propensity in verdicts]
    assert compared(same).evidence == pytest.approx(1.0)
    assert what_got_worse(compared(same), RULE) == []


@given(VERDICTS)
def test_gains_are_the_differences_of_weighted_means(verdicts):
    gain = compared(verdicts).gain
    weights = np.array([weight_of(propensity) for *_, propensity in verdicts])
    right = [[judged(scores, label).right for scores in pair] for *pair, label, _ in verdicts]
    assert gain.verdicts == len(verdicts)
    if verdicts:
        of_each = weights @ np.array(right) / weights.sum()
        assert gain.accuracy == pytest.approx(of_each[1] - of_each[0])


@given(VERDICTS, VERDICTS)
def test_it_goes_on_from_a_snapshot_as_if_nothing_had_been(first, second):
    again = Comparison()
    again.restore(json.loads(json.dumps(compared(first).snapshot())))
    for champion, challenger, label, propensity in second:
        again.hear(judged(champion, label), judged(challenger, label), label, propensity)
    assert again.snapshot() == compared(first + second).snapshot()


def test_several_challengers_share_the_risk():
    verdicts = [(sure("b"), sure("a"), "a", 1.0)] * 30
    assert compared(verdicts).evidence >= evidence_needed(1, RULE)
    assert compared(verdicts).evidence < evidence_needed(10**6, RULE)


def test_a_label_that_got_worse_speaks_against_the_challenger():
    verdicts = [(sure("b"), sure("a"), "a", 1.0)] * 500 + [(sure("b"), sure("a"), "b", 1.0)] * 40
    assert compared(verdicts).evidence >= evidence_needed(1, RULE)
    assert what_got_worse(compared(verdicts), RULE) == ["label b by 1.000"]


def test_better_accuracy_does_not_pay_for_a_worse_log_loss():
    verdicts = [(sure("a", 0.8), sure("a", 0.5), "a", 1.0)] * 400
    assert what_got_worse(compared(verdicts), RULE) == ["log loss by 0.470"]


def test_a_trial_agrees_unless_it_shows_the_challenger_worse():
    good, bad = Judgement(right=True, loss=0.1), Judgement(right=False, loss=0.6)
    assert agrees([], [])
    assert agrees([good, bad, bad], [good, good, bad])
    assert agrees([good, bad], [bad, good])
    assert not agrees([good] * 20 + [bad] * 5, [bad] * 20 + [good] * 5)
    assert trial_gain([bad, bad], [good, bad]).accuracy == pytest.approx(0.5)


def test_no_scores_are_as_wrong_as_can_be():
    assert judged(None, "a") == Judgement(right=False, loss=1.0)
    assert judged({}, "a") == Judgement(right=False, loss=1.0)
    assert weight_of(0.0) == weight_of(0.01) == 20.0
