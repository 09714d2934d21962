"""Answers become verdicts by the task's rule, and by what is known of those who gave them."""

from tests.review.review_kafka import ReviewKafka, review_rules
from tests.review.review_messages import review_request, review_response

from winnow.core.consensus import Judged, Reliability
from winnow.review.judge import Judge
from winnow.runtime.messages import Incoming
from winnow_schemas.codec import decode, encode
from winnow_schemas.evidence import Closed
from winnow_schemas.verdicts import Verdict


def _people(ada_right: int = 0, ada_wrong: int = 0) -> Reliability:
    people = Reliability.of_task(("ham", "spam"), 0.7)
    for number in range(ada_right + ada_wrong):
        people.hear(Judged("ham", (("ada", "ham" if number < ada_right else "spam"),), is_gold=True))
    return people


def test_one_answer_is_enough_from_somebody_nobody_complains_about() -> None:
    judge = Judge(review_rules(), _people(ada_right=30))
    assert judge.conclude([("ada", "ham")]).label == "ham"
    assert judge.conclude([("ben", "ham")]).label == "ham"


def test_who_is_wrong_too_often_needs_a_second_and_a_third_where_they_differ() -> None:
    judge = Judge(review_rules(), _people(ada_right=10, ada_wrong=20))
    assert judge.conclude([("ada", "ham")]) is None
    assert judge.conclude([("ada", "ham"), ("ben", "ham")]).label == "ham"
    assert judge.conclude([("ada", "ham"), ("ben", "spam")]) is None
    assert judge.conclude([("ada", "ham"), ("ben", "spam"), ("eve", "spam")]).label == "spam"


def test_dawid_and_skene_let_known_people_decide_where_a_majority_would_be_tied() -> None:
    judge = Judge(review_rules(answers=2, consensus="dawid_skene"), _people(ada_right=60))
    conclusion = judge.conclude([("ada", "ham"), ("stranger", "spam")])
    assert conclusion.label == "ham"
    assert conclusion.agreement == 0.5
    assert 0.75 <= conclusion.probability <= 1


def test_the_verdict_tells_how_far_each_answer_counted_and_the_closing_which_was_the_last() -> None:
    kafka = ReviewKafka(review_rules(answers=2, consensus="dawid_skene"))
    kafka.request(review_request(1))
    kafka.response(review_response(1, "ada"))
    kafka.response(review_response(1, "ben"))
    kafka.turn()
    (verdict,) = (decode(Verdict, message.value) for message in kafka.of("verdicts"))
    assert verdict.weights is not None
    assert set(verdict.weights) == {"ada", "ben"}
    assert verdict.probability > 0.8
    (closed,) = (decode(Closed, message.value) for message in kafka.of("evidence"))
    assert closed.response_id == "ben/1/label"


def test_what_was_judged_once_is_not_judged_again_when_a_worker_starts_anew() -> None:
    """Reviewers are better known by then: the same answers might come to something else."""
    kafka = ReviewKafka(review_rules(answers=2, consensus="dawid_skene"))
    kafka.request(review_request(1))
    kafka.request(review_request(2))
    for response in (
        review_response(1, "ada"),
        review_response(1, "ben"),
        review_response(2, "ada"),
        review_response(2, "ben", label="ham"),
    ):
        kafka.response(response)
    kafka.turn()
    (still_open,) = kafka.handler.snapshot()[0]["open"].values()
    assert [name for name, _ in still_open.answers] == ["ada", "ben"]

    kafka.start_worker()
    for _ in range(60):
        kafka.people._reliability.hear(Judged("ham", (("ada", "ham"), ("ben", "spam")), is_gold=True))
    kafka.assign()
    (rebuilt,) = kafka.handler.snapshot()[0]["open"].values()
    assert rebuilt == still_open
    assert len(kafka.of("verdicts")) == 1


def test_people_are_known_from_the_verdicts_alone() -> None:
    kafka = ReviewKafka(review_rules(answers=3))
    kafka.request(review_request(1))
    for name, label in (("ada", "ham"), ("ben", "spam"), ("eve", "ham")):
        kafka.response(review_response(1, name, label=label))
    kafka.turn()
    kafka.turn()
    standing = kafka.people.standing("ben")
    assert (standing.compared, standing.agreed) == (1, 0)
    kafka.start_worker()
    kafka.turn()
    assert kafka.people.standing("ben") == standing


def test_what_nobody_can_read_tells_nothing_and_harms_nothing() -> None:
    kafka = ReviewKafka()
    kafka.people._hear(Incoming("t.verdicts.v1", 0, 0, b"k", b"{", 0.0))
    kafka.people._hear(Incoming("t.verdicts.v1", 0, 0, b"k", None, 0.0))
    assert kafka.people.standings() == {}


def test_a_day_of_answers_is_told_and_a_repeat_counts_once() -> None:
    kafka = ReviewKafka()
    for number, (action, seconds) in enumerate([("label", 2.0), ("label", 6.0), ("skip", 1.0)]):
        each = review_response(number, "ada", action, seconds=seconds)
        for _ in range(2):
            kafka.people._hear(Incoming("t.review-responses.v1", 0, 0, None, encode(each), 1000.0))
    activity = kafka.people.activity("ada", 1060.0)
    assert (activity.answers, activity.skips, activity.median_seconds) == (2, 1, 4.0)
    assert activity.skip_rate == 1 / 3
    assert kafka.people.activity("ada", 1000.0 + 2 * 86_400).answers == 0
    assert kafka.people.activity("nobody", 1060.0).last_at is None
