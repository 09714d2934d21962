"""Gold among the requests: blind like others, asked once of each person, and what it tells about them."""

from datetime import timedelta

import pytest
from tests.core.risk import opened_gate
from tests.core.risk.risk_story import Story
from tests.review.review_kafka import TOPICS, ReviewKafka, review_rules
from tests.review.review_messages import NOON, audit_request, review_request, review_response

from winnow.review.gold_checks import check_id, is_due
from winnow.review.gold_set import GoldSet, gold_name
from winnow.runtime.messages import Outgoing
from winnow_schemas.codec import decode, encode
from winnow_schemas.evidence import Closed
from winnow_schemas.review_requests import ReviewRequest
from winnow_schemas.verdicts import Verdict, verdict_key


def _mark(kafka: ReviewKafka, number: int, known_to: str = "operator", **changes: object) -> None:
    """An operator says that gold record NUMBER is spam; the machine had said ham."""
    name = gold_name(f"gold-{number}")
    request = review_request(number)
    fields = {
        "request_id": name,
        "revision": 1,
        "record": {"id": f"gold-{number}", "text": f"gold text {number}"},
        "label": "spam",
        "reason": "gold",
        "propensity": 1.0,
        "decision": request.decision,
        "answers": {known_to: "spam"},
        "agreement": 1.0,
        "answered_at": NOON,
        "at": NOON,
    }
    verdict = Verdict(**(fields | changes))
    kafka.written.append(Outgoing(TOPICS["verdicts"], encode(verdict), verdict_key(name, 1)))


def _gold(kafka: ReviewKafka) -> list[ReviewRequest]:
    return [decode(ReviewRequest, message.value) for message in kafka.of("review-requests")]


def _answer(kafka: ReviewKafka, request: ReviewRequest, reviewer: str, label: str) -> None:
    kafka.response(
        review_response(
            0,
            reviewer,
            request_id=request.request_id,
            record_id=request.record["id"],
            response_id=f"{reviewer}/{request.request_id}",
            label=label,
        )
    )
    kafka.turn()


@pytest.fixture
def kafka() -> ReviewKafka:
    """Every second request is gold."""
    return ReviewKafka(review_rules(gold_share=0.5))


def test_beside_an_ordinary_request_gold_is_asked_blind_and_looks_like_an_audit(kafka: ReviewKafka) -> None:
    _mark(kafka, 1)
    kafka.request(audit_request(7))
    kafka.turn()
    kafka.turn()
    (gold,) = _gold(kafka)
    audit = decode(ReviewRequest, kafka.request_log[0].value)
    assert (gold.reason, gold.blind, gold.suggestion, gold.scores) == ("gold", True, None, None)
    assert gold.known_label == "spam"
    assert len(gold.request_id) == len(audit.request_id)
    assert 0 <= gold.priority <= 1
    first, second = kafka.handler.snapshot()[0]["open"].values()
    assert abs(first.place - second.place) <= 1, "they lie side by side"


def test_an_answer_to_gold_tells_about_people_and_changes_no_label(kafka: ReviewKafka) -> None:
    _mark(kafka, 1)
    kafka.request(review_request(7))
    kafka.turn()
    kafka.turn()
    (gold,) = _gold(kafka)
    _answer(kafka, gold, "ada", "ham")
    kafka.turn()
    verdict = decode(Verdict, kafka.of("verdicts")[-1].value)
    assert (verdict.label, verdict.answers, verdict.agreement, verdict.reason) == ("spam", {"ada": "ham"}, 0.0, "gold")
    (closed,) = (decode(Closed, message.value) for message in kafka.of("evidence"))
    assert (closed.closing, closed.known_wrong, closed.reason, closed.look) == ("right", True, "gold", "none")
    assert kafka.of("labels") == []
    standing = kafka.people.standing("ada")
    assert (standing.gold, standing.gold_right) == (1, 0)
    assert kafka.people.standing("operator").gold == 0, "who marks is not judged"


def test_gold_that_is_undone_and_answered_again_counts_once_as_it_was_answered_first(kafka: ReviewKafka) -> None:
    _mark(kafka, 1)
    kafka.request(review_request(7))
    kafka.turn()
    kafka.turn()
    (gold,) = _gold(kafka)
    _answer(kafka, gold, "ada", "ham")
    undo = {"request_id": gold.request_id, "record_id": gold.record["id"], "response_id": "undo"}
    kafka.response(review_response(0, "ada", "undo", **undo))
    kafka.turn()
    kafka.turn()
    (_, again) = _gold(kafka)
    assert again.request_id == f"{gold.request_id}#2"
    _answer(kafka, again, "ada", "spam")
    kafka.turn()
    standing = kafka.people.standing("ada")
    assert (standing.gold, standing.gold_right, standing.verdicts) == (1, 0, 1)
    assert standing.accuracy.judged == 1


@pytest.mark.parametrize(("overlooked", "least", "most"), [(0, 0.0, 0.1), (10, 0.25, 0.5)])
def test_what_people_overlook_of_gold_makes_the_certificate_more_careful(
    overlooked: int, least: float, most: float
) -> None:
    people = [f"person {number}" for number in range(40)]
    kafka = ReviewKafka(review_rules(gold_share=0.5), reviewers=people)
    _mark(kafka, 1)
    for number, person in enumerate(people):
        kafka.request(review_request(number))
        kafka.turn()
        kafka.turn()
        _answer(kafka, _gold(kafka)[-1], person, "ham" if number < overlooked else "spam")
    story = _monitored([decode(Closed, message.value) for message in kafka.of("evidence")])
    assert story.certificate.labels == 1_000
    said = story.certificate.wrong_at_most
    beta = story.monitor.figures()["overlooked_at_most"]
    assert least <= beta <= most
    assert said == pytest.approx(_monitored([]).certificate.wrong_at_most / (1 - beta), rel=0.02)


def _monitored(gold: list[Closed]) -> Story:
    """A monitor that heard these closings of gold, then began a new chapter and released a thousand labels."""
    story = opened_gate.opened()
    for closed in gold:
        story.feed(closed.model_copy(update={"at": story.at, "decided_at": story.at}))
    story.command("alarm")
    for number in range(150):
        story.counts("ab"[number % 2], reviews=1)
        told = {"predicted": "ab"[number % 2], "top_probability": 0.95, "propensity": 1.0, "epoch": story.policy.epoch}
        story.close(f"later-{number}", look="review", reason="uncertain", **told)
    opened_gate.next_version(story)
    version, (audit,) = opened_gate.decide(story, unseen=1_000, audits=1)
    story.close(audit, policy_version=version)
    opened_gate.hold(story)
    return story


def test_gold_that_the_machine_never_saw_says_nothing_about_what_people_overlook(kafka: ReviewKafka) -> None:
    _mark(kafka, 1, decision=None)
    kafka.request(review_request(7))
    kafka.turn()
    kafka.turn()
    (gold,) = _gold(kafka)
    _answer(kafka, gold, "ada", "spam")
    (closed,) = (decode(Closed, message.value) for message in kafka.of("evidence"))
    assert (closed.closing, closed.known_wrong, closed.predicted) == ("wrong", None, None)


def test_nobody_is_asked_twice_about_a_gold_record_or_about_their_own(kafka: ReviewKafka) -> None:
    _mark(kafka, 1, known_to="ben")
    kafka.request(review_request(7))
    kafka.turn()
    kafka.turn()
    (gold,) = _gold(kafka)
    (asked,) = [each for each in kafka.handler.snapshot()[0]["open"].values() if each.request_id == gold.request_id]
    assert asked.seen_by == ("ben",)
    _answer(kafka, gold, "ada", "spam")
    kafka.request(review_request(8))
    kafka.turn()
    kafka.turn()
    again = _gold(kafka)[-1]
    _answer(kafka, again, "eve", "spam")
    kafka.request(review_request(9))
    kafka.turn()
    kafka.turn()
    assert len(_gold(kafka)) == 2, "all three know it by now"
    assert kafka.people.gold_left(("ada", "ben", "eve")) == 0


def test_gold_that_was_taken_out_is_asked_no_more(kafka: ReviewKafka) -> None:
    _mark(kafka, 1)
    kafka.written.append(Outgoing(TOPICS["verdicts"], None, verdict_key(gold_name("gold-1"), 1)))
    kafka.request(review_request(7))
    kafka.turn()
    kafka.turn()
    assert _gold(kafka) == []


def test_what_nobody_answers_of_gold_leaves_nothing_behind(kafka: ReviewKafka) -> None:
    _mark(kafka, 1)
    kafka.request(review_request(7, expires_at=NOON + timedelta(days=60)))
    kafka.turn()
    kafka.turn()
    kafka.now += 15 * 86_400
    kafka.turn()
    assert [decode(Closed, message.value).closing for message in kafka.of("evidence")] == ["expired"]
    assert kafka.of("unlabelled") == []


def test_a_worker_that_starts_anew_asks_no_second_time(kafka: ReviewKafka) -> None:
    _mark(kafka, 1)
    _mark(kafka, 2)
    kafka.request(review_request(7))
    kafka.turn(aborts=True)
    kafka.turn()
    kafka.turn()
    kafka.start_worker()
    kafka.turn()
    assert len(_gold(kafka)) == 1


def test_gold_is_its_share_of_all_that_is_asked() -> None:
    due = sum(is_due(f"streamid/0/{number}", 0.02) for number in range(20_000))
    assert 0.017 <= due / (20_000 + due) <= 0.023
    assert not any(is_due(f"streamid/0/{number}", 0.0) for number in range(1000))


def test_ids_of_gold_are_those_of_no_record() -> None:
    assert check_id("streamid/0/17") != check_id("streamid/0/18")
    assert check_id("streamid/0/17").endswith("/0/17")
    assert check_id("streamid/0/17#2") is None
    assert check_id("no decision") is None


def test_gold_goes_round_so_that_each_record_is_asked_as_often_as_the_others() -> None:
    gold = GoldSet()
    for number in range(10):
        gold.mark(gold_name(str(number)), number, ["operator"])
    chosen = [gold.choose(f"seed {number}", ["ada", "ben"]) for number in range(20)]
    assert sorted(record.offset for record in chosen) == sorted([*range(10)] * 2)
    assert gold.left(["ada", "ben"]) == 20
    for number in range(10):
        gold.asked(str(number), ["ada"])
    assert gold.left(["ada", "ben"]) == 10
    assert gold.choose("seed", ["ada"]) is None
