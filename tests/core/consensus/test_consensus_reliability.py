"""Reviewers of 60, 80 and 95 %: told apart after 50 gold answers, and weighed so that verdicts get better."""

from statistics import mean

import pytest
from tests.core.consensus.crowd import MIXTURE, Crowd

from winnow.core.consensus import Judged, Reliability, by_dawid_skene, by_majority

FOUR = ("ham", "spam", "news", "bill")


def _after_gold(crowd: Crowd, answers: int, limit: float = 0.7) -> Reliability:
    known = Reliability.of_task(crowd.labels, limit)
    for _ in range(answers):
        truth = crowd.truth()
        known.hear(Judged(truth, crowd.answers(truth), is_gold=True))
    return known


@pytest.mark.parametrize("labels", [("ham", "spam"), FOUR])
def test_fifty_gold_answers_rank_reviewers_of_60_80_and_95_per_cent(labels: tuple[str, ...]) -> None:
    ranked_right = 0
    for seed in range(200):
        known = _after_gold(Crowd(seed, labels), 50)
        ranked = sorted(MIXTURE, key=lambda name: known.standing(name).accuracy.estimate)
        ranked_right += ranked == list(MIXTURE)
    assert ranked_right >= 0.95 * 200


@pytest.mark.parametrize("labels", [("ham", "spam"), FOUR])
@pytest.mark.parametrize(("gold", "better_by"), [(0, 0.0), (50, 0.02)])
def test_verdicts_by_dawid_and_skene_are_more_accurate_than_those_of_the_majority(
    labels: tuple[str, ...], gold: int, better_by: float
) -> None:
    weighed, counted = [], []
    for seed in range(20):
        crowd = Crowd(seed, labels)
        known = _after_gold(crowd, gold)
        for _ in range(300):
            truth = crowd.truth()
            answers = crowd.answers(truth)
            conclusion, majority = by_dawid_skene(answers, 0, known.confusions), by_majority(answers)
            assert conclusion is not None
            weighed.append(conclusion.label == truth)
            counted.append((majority.label if majority else crowd.any_of([each for _, each in answers])) == truth)
            known.hear(Judged(conclusion.label, answers, is_gold=False))
    assert mean(weighed) > mean(counted) + better_by, (mean(weighed), mean(counted))


def test_the_interval_of_an_accuracy_holds_what_it_promises() -> None:
    inside = 0
    for seed in range(200):
        known = _after_gold(Crowd(seed), 50)
        intervals = {name: known.standing(name).accuracy for name in MIXTURE}
        inside += sum(each.low <= MIXTURE[name] <= each.high for name, each in intervals.items())
    assert inside >= 0.92 * 600


def test_who_is_below_the_limit_needs_a_second_answer_but_not_before_twenty_were_judged() -> None:
    known = Reliability.of_task(("ham", "spam"), 0.7)
    for number in range(19):
        known.hear(Judged("ham", (("ada", "ham"), ("ben", "spam")), is_gold=True))
        assert not known.needs_second("ben"), number
    known.hear(Judged("ham", (("ada", "ham"), ("ben", "spam")), is_gold=True))
    assert known.needs_second("ben")
    assert not known.needs_second("ada")
    assert not known.needs_second("nobody knows")
    assert (known.standing("ben").gold, known.standing("ben").gold_right) == (20, 0)


def test_an_only_answer_says_nothing_about_who_gave_it() -> None:
    known = Reliability.of_task(("ham", "spam"), 0.7)
    known.hear(Judged("ham", (("ada", "ham"),), is_gold=False))
    assert known.standing("ada").accuracy.judged == 0
    assert known.standing("ada").verdicts == 1


def test_answers_of_several_are_compared_with_the_verdict() -> None:
    known = Reliability.of_task(("ham", "spam"), 0.7)
    known.hear(Judged("ham", (("ada", "ham"), ("ben", "spam"), ("eve", "ham")), is_gold=False))
    assert (known.standing("ada").compared, known.standing("ada").agreed) == (1, 1)
    assert (known.standing("ben").compared, known.standing("ben").agreed) == (1, 0)
    assert known.standing("ada").accuracy.judged == pytest.approx(1)
