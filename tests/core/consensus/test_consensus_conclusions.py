"""When answers are enough, and what they come to."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from winnow.core.consensus import Confusions, accuracy_of, by_dawid_skene, by_majority

LABELS = ("ham", "spam", "news")
ANSWERS = st.lists(
    st.tuples(st.sampled_from(["ada", "ben", "eve", "tom"]), st.sampled_from(LABELS)),
    min_size=1,
    max_size=4,
    unique_by=lambda pair: pair[0],
)
PAST = st.lists(st.tuples(ANSWERS, st.none() | st.sampled_from(LABELS)), max_size=15)


def _confusions(past) -> Confusions:
    confusions = Confusions(LABELS)
    for answers, truth in past:
        if truth is None:
            confusions.learn(answers)
        else:
            confusions.learn_known(answers, truth)
    return confusions


@given(past=PAST, answers=ANSWERS)
def test_probabilities_sum_to_one_whatever_came_before(past, answers) -> None:
    probabilities = _confusions(past).probabilities(answers)
    assert math.isclose(sum(probabilities.values()), 1.0, rel_tol=1e-9)
    assert set(probabilities) == set(LABELS)


@given(past=PAST, answers=ANSWERS)
def test_what_stands_in_the_verdict_are_the_answers(past, answers) -> None:
    for conclusion in (by_majority(answers), by_dawid_skene(answers, 9 - len(answers), _confusions(past))):
        if conclusion is not None:
            given_labels = [label for _, label in answers]
            assert conclusion.label in given_labels
            assert conclusion.agreement == given_labels.count(conclusion.label) / len(answers)
            assert [reviewer for reviewer, _ in conclusion.weights] == [reviewer for reviewer, _ in answers]
            assert all(math.isfinite(weight) for _, weight in conclusion.weights)


@given(past=PAST, label=st.sampled_from(LABELS), number=st.integers(1, 4))
def test_people_of_one_mind_are_never_asked_again(past, label, number) -> None:
    answers = [(name, label) for name in ("ada", "ben", "eve", "tom")[:number]]
    assert by_majority(answers).label == label
    assert by_dawid_skene(answers, number, _confusions(past)).label == label


@given(past=PAST)
def test_judged_answers_are_as_many_as_were_given(past) -> None:
    confusions = _confusions(past)
    for name in ("ada", "ben", "eve", "tom"):
        right, judged = confusions.judged(name)
        assert judged == pytest.approx(sum(any(who == name for who, _ in answers) for answers, _ in past), abs=1e-3)
        assert 0 <= right <= judged


def test_a_tie_asks_for_one_more() -> None:
    assert by_majority([("ada", "ham"), ("ben", "spam")]) is None
    assert by_dawid_skene([("ada", "ham"), ("ben", "spam")], 2, Confusions(LABELS)) is None


def test_strangers_who_differ_are_asked_for_two_more_answers_and_no_further() -> None:
    answers = [("ada", "ham"), ("ben", "spam"), ("eve", "ham"), ("tom", "spam")]
    assert by_dawid_skene(answers[:2], 2, Confusions(LABELS)) is None
    assert by_dawid_skene(answers, 2, Confusions(LABELS)) is not None


def test_who_is_known_to_be_right_outweighs_two_who_guess() -> None:
    confusions = Confusions(("ham", "spam"))
    for number in range(60):
        guess = "ham" if number % 2 else "spam"
        confusions.learn_known([("expert", "ham"), ("coin", guess), ("dice", guess)], "ham")
        confusions.learn_known([("expert", "spam"), ("coin", guess), ("dice", guess)], "spam")
    answers = [("coin", "ham"), ("dice", "ham"), ("expert", "spam")]
    conclusion = by_dawid_skene(answers, 3, confusions)
    assert conclusion.label == "spam"
    assert conclusion.probability > 0.9
    weights = dict(conclusion.weights)
    assert weights["expert"] > 2
    assert abs(weights["coin"]) < 0.3


def test_a_label_that_reviewers_added_is_weighed_like_the_others() -> None:
    confusions = Confusions(("ham", "spam"))
    confusions.learn([("ada", "eggs"), ("ben", "eggs")])
    assert by_dawid_skene([("ada", "eggs"), ("ben", "eggs")], 2, confusions).label == "eggs"


def test_an_accuracy_without_answers_is_half_and_anything() -> None:
    nothing = accuracy_of(0, 0)
    assert nothing.estimate == 0.5
    assert nothing.low < 0.01
    assert nothing.high > 0.99


def test_the_interval_of_45_right_among_50() -> None:
    known = accuracy_of(45, 50)
    assert (known.low, known.high) == (pytest.approx(0.7941, abs=1e-3), pytest.approx(0.9600, abs=1e-3))
