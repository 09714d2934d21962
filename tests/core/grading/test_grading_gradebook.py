import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from winnow.core.grading import NO_SCORE, Gradebook

LABELS = ("ham", "spam")
SCORES = st.floats(0.0, 1.0).map(lambda spam: {"ham": 1.0 - spam, "spam": spam})
VERDICTS = st.lists(st.tuples(st.none() | SCORES, st.sampled_from(LABELS), st.floats(1.0, 20.0)), max_size=60)


def noted(verdicts):
    book = Gradebook()
    for scores, label, weight in verdicts:
        book.note(scores, label, weight)
    return book


def sure(label, probability):
    return {name: probability if name == label else 1.0 - probability for name in LABELS}


def grades(verdicts, target=0.1):
    return noted(verdicts).grades(LABELS, target)


@given(VERDICTS)
def test_accuracy_and_log_loss_are_weighted_means(verdicts):
    found = grades(verdicts)
    assert found.verdicts == len(verdicts)
    if verdicts:
        weights = np.array([weight for *_, weight in verdicts])
        right = [scores is not None and max(scores, key=scores.get) == label for scores, label, _ in verdicts]
        losses = [-math.log(max((scores or {}).get(label, 0.0), 1e-6)) for scores, label, _ in verdicts]
        assert found.accuracy == pytest.approx(weights @ right / weights.sum())
        assert found.log_loss == pytest.approx(weights @ losses / weights.sum())


@given(VERDICTS, st.floats(0.0, 0.3))
def test_every_grade_is_a_share_and_shares_sum_to_all(verdicts, target):
    found = grades(verdicts, target)
    assert sum(share for row in found.confusion.values() for share in row.values()) == pytest.approx(
        float(bool(verdicts))
    )
    assert sum(tenth.share for tenth in found.calibration) == pytest.approx(float(bool(verdicts)))
    assert sum(label.share for label in found.labels.values()) == pytest.approx(float(bool(verdicts)))
    assert found.labels.keys() == set(LABELS)


@given(VERDICTS, VERDICTS)
def test_it_goes_on_from_a_snapshot_as_if_nothing_had_been(first, second):
    again = Gradebook()
    again.restore(json.loads(json.dumps(noted(first).snapshot())))
    for scores, label, weight in second:
        again.note(scores, label, weight)
    assert again.grades(LABELS, 0.1) == grades(first + second)


@given(VERDICTS, st.floats(0.0, 0.3))
def test_a_wider_target_covers_no_less(verdicts, target):
    assert grades(verdicts, target).coverage <= grades(verdicts, target + 0.1).coverage


def test_coverage_is_what_the_surest_scores_reach_before_too_many_are_wrong():
    verdicts = [(sure("ham", 0.99), "ham", 1.0)] * 60 + [(sure("ham", 0.8), "spam", 1.0)] * 40
    assert grades(verdicts, 0.1).coverage == pytest.approx(0.6)
    assert grades(verdicts, 0.4).coverage == pytest.approx(1.0)
    assert grades([(sure("ham", 0.99), "spam", 1.0)], 0.1).coverage == 0.0


def test_a_model_that_keeps_its_promises_has_no_calibration_error():
    kept = [(sure("ham", 0.75), "ham", 1.0)] * 3 + [(sure("ham", 0.75), "spam", 1.0)]
    assert grades(kept).calibration_error == pytest.approx(0.0)
    assert grades([(sure("ham", 0.75), "spam", 1.0)]).calibration_error == pytest.approx(0.75)


def test_labels_are_graded_one_by_one_and_the_mean_leaves_out_those_that_never_came():
    found = grades([(sure("ham", 0.9), "ham", 1.0)] * 3 + [(sure("ham", 0.9), "spam", 1.0)])
    assert (found.labels["ham"].precision, found.labels["ham"].recall) == (0.75, 1.0)
    assert found.labels["spam"].f1 == 0.0
    assert found.macro_f1 == pytest.approx((6 / 7) / 2)
    assert grades([(sure("ham", 0.9), "ham", 1.0)]).macro_f1 == 1.0


def test_no_score_stands_in_the_confusion_as_such():
    assert grades([(None, "spam", 1.0)]).confusion == {"spam": {NO_SCORE: 1.0}}


def test_the_curve_stays_short_and_says_how_good_the_model_became():
    verdicts = [(sure("ham", 0.9), "spam", 1.0)] * 5_000 + [(sure("ham", 0.9), "ham", 1.0)] * 5_010
    curve = grades(verdicts).curve
    assert len(curve) <= 60
    assert (curve[0].accuracy, curve[-1].accuracy) == (0.0, 1.0)
    assert [point.verdicts for point in curve] == sorted({point.verdicts for point in curve})
    assert curve[-1].verdicts == 10_010
