"""The review service's logic, driven without any transport."""

from datetime import timedelta

import pytest
from tests.review.review_kafka import REQUESTS, ReviewKafka, review_rules
from tests.review.review_messages import NOON, NOON_S, audit_request, review_request, review_response

from winnow.review.handler import RebuildPace
from winnow.review.ports import Hidden, Shown
from winnow.runtime.messages import Outgoing
from winnow_schemas.codec import decode
from winnow_schemas.dead_letters import DeadLetter
from winnow_schemas.evidence import Closed
from winnow_schemas.labels import Label
from winnow_schemas.review_requests import ReviewRequest
from winnow_schemas.unlabelled import Unlabelled
from winnow_schemas.verdicts import Verdict


def _one(kafka: ReviewKafka, topic: str) -> Outgoing:
    (message,) = kafka.of(topic)
    return message


def _dead(kafka: ReviewKafka) -> list[str]:
    return [decode(DeadLetter, message.value).error.code for message in kafka.of("dead-letters")]


def _closings(kafka: ReviewKafka) -> list[tuple[str, str, int]]:
    closed = [decode(Closed, message.value) for message in kafka.of("evidence")]
    return [(each.request_id, each.closing, each.revision) for each in closed]


@pytest.fixture
def kafka() -> ReviewKafka:
    return ReviewKafka()


def test_an_answer_becomes_verdict_label_and_closing_in_one_transaction(kafka: ReviewKafka) -> None:
    kafka.request(review_request(1))
    kafka.turn()
    kafka.response(review_response(1, "ada"))

    outgoing = kafka.turn()

    assert len(outgoing) == 3
    verdict = decode(Verdict, _one(kafka, "verdicts").value)
    assert (verdict.label, verdict.answers, verdict.agreement, verdict.revision) == ("spam", {"ada": "spam"}, 1.0, 1)
    assert verdict.decision == review_request(1).decision
    label = decode(Label, _one(kafka, "labels").value)
    assert (label.record_id, label.label, label.source, label.revision) == ("record-1", "spam", "human", 2)
    assert _one(kafka, "labels").key == b"record-1"
    closed = decode(Closed, _one(kafka, "evidence").value)
    assert (closed.closing, closed.predicted, closed.propensity, closed.policy_version) == ("wrong", "ham", 1.0, 3)
    assert kafka.queue.changes[-1] == Hidden(0, "streamid/0/1")


def test_a_label_that_agrees_with_the_machine_closes_as_right(kafka: ReviewKafka) -> None:
    kafka.request(review_request(1))
    kafka.response(review_response(1, "ada", label="ham"))
    kafka.turn()
    assert _closings(kafka) == [("streamid/0/1", "right", 1)]


def test_headers_of_the_record_travel_on(kafka: ReviewKafka) -> None:
    kafka.request(review_request(1))
    kafka.request_log[0] = kafka.request_log[0]._replace(headers=[("traceparent", b"00-abc")])
    kafka.response(review_response(1, "ada"))
    kafka.turn()
    assert list(_one(kafka, "verdicts").headers) == [("traceparent", b"00-abc")]
    assert list(_one(kafka, "labels").headers) == [("traceparent", b"00-abc")]


def test_a_response_that_came_before_its_request_waits_for_it(kafka: ReviewKafka) -> None:
    kafka.request(review_request(1))
    kafka.response(review_response(1, "ada"))
    kafka.hidden_requests = 1

    kafka.turn()
    assert kafka.written == []
    assert [commit.offset for commit in kafka.commits.values()] == [0, 0], "the offset must not pass it"

    kafka.hidden_requests = 0
    kafka.turn(responses=0)
    assert _closings(kafka) == [("streamid/0/1", "wrong", 1)]
    assert [commit.offset for commit in kafka.commits.values()] == [1, 1]


def test_a_response_that_waits_survives_a_restart(kafka: ReviewKafka) -> None:
    kafka.request(review_request(1))
    kafka.request(review_request(2))
    kafka.response(review_response(2, "ada"))
    kafka.response(review_response(1, "ada"))
    kafka.hidden_requests = 1
    kafka.turn()

    kafka.start_worker()
    kafka.hidden_requests = 0
    kafka.turn()

    assert sorted(_closings(kafka)) == [("streamid/0/1", "wrong", 1), ("streamid/0/2", "wrong", 1)]


def test_a_response_to_a_request_that_never_existed_is_a_dead_letter(kafka: ReviewKafka) -> None:
    kafka.request(review_request(1))
    kafka.response(review_response(99, "ada"))
    kafka.turn()
    assert _dead(kafka) == ["unknown_request"]
    kafka.turn()
    kafka.start_worker()
    kafka.turn()
    assert _dead(kafka) == ["unknown_request"], "once"


def test_strangers_repeats_and_late_answers_change_nothing(kafka: ReviewKafka) -> None:
    kafka.request(review_request(1))
    kafka.response(review_response(1, "mallory"))
    kafka.response(review_response(1, "ada"))
    kafka.response(review_response(1, "ada"))
    kafka.response(review_response(1, "ben", label="ham"))
    kafka.turn()
    assert len(kafka.of("verdicts")) == 1
    assert _dead(kafka) == []


@pytest.mark.parametrize(
    ("response", "code"),
    [
        (review_response(1, "ada", label="eggs"), "unknown_label"),
        (review_response(1, "ada", record_id="record-2"), "wrong_record"),
        (b"{", "json_invalid"),
        (b'{"response_id": "r"}', "missing"),
    ],
)
def test_responses_nobody_can_use_become_dead_letters(kafka: ReviewKafka, response: object, code: str) -> None:
    kafka.request(review_request(1))
    kafka.response(response)
    kafka.turn()
    assert _dead(kafka) == [code]
    assert kafka.of("verdicts") == []


def test_open_labels_are_taken_as_they_come() -> None:
    from dataclasses import replace

    kafka = ReviewKafka(replace(review_rules(), open_labels=True))
    kafka.request(review_request(1))
    kafka.response(review_response(1, "ada", label="eggs"))
    kafka.turn()
    assert decode(Verdict, _one(kafka, "verdicts").value).label == "eggs"


def test_a_request_nobody_can_read_becomes_a_dead_letter(kafka: ReviewKafka) -> None:
    kafka.request(b"\xff\xfe")
    kafka.request(review_request(1))
    kafka.turn()
    assert _dead(kafka) == ["json_invalid"]
    kafka.start_worker()
    kafka.response(review_response(1, "ada"))
    kafka.turn()
    assert len(kafka.of("verdicts")) == 1
    assert len(_dead(kafka)) == 1


def test_two_answers_are_gathered_and_a_third_breaks_the_tie() -> None:
    kafka = ReviewKafka(review_rules(answers=2))
    kafka.request(review_request(1))
    kafka.response(review_response(1, "ada", label="spam"))
    kafka.response(review_response(1, "ada", label="ham", response_id="again"))
    kafka.turn()
    assert kafka.of("verdicts") == []

    kafka.response(review_response(1, "ben", label="ham"))
    kafka.turn()
    assert kafka.of("verdicts") == []

    kafka.response(review_response(1, "eve", label="ham"))
    kafka.turn()
    verdict = decode(Verdict, _one(kafka, "verdicts").value)
    assert verdict.label == "ham"
    assert verdict.answers == {"ada": "spam", "ben": "ham", "eve": "ham"}
    assert verdict.agreement == pytest.approx(2 / 3)


def test_a_skip_leaves_the_request_in_line_for_others(kafka: ReviewKafka) -> None:
    kafka.request(review_request(1))
    kafka.response(review_response(1, "ada", "skip"))
    kafka.response(review_response(1, "ada", "skip", response_id="again"))
    kafka.turn()
    shown = kafka.queue.changes[-1]
    assert isinstance(shown, Shown)
    assert shown.request.seen_by == ("ada",)
    assert kafka.written == []


def test_too_many_skips_close_without_a_label() -> None:
    kafka = ReviewKafka(review_rules(max_skips=2))
    kafka.request(audit_request(1))
    kafka.response(review_response(1, "ada", "skip"))
    kafka.response(review_response(1, "ben", "skip"))
    kafka.turn()
    assert _closings(kafka) == [("streamid/0/1", "skipped", 1)]
    unlabelled = decode(Unlabelled, _one(kafka, "unlabelled").value)
    assert (unlabelled.reason, unlabelled.record_id) == ("skipped", "record-1")


def test_an_ordinary_request_may_be_put_back_any_number_of_times_and_an_audit_once(kafka: ReviewKafka) -> None:
    kafka.request(review_request(1))
    kafka.request(audit_request(2))
    for number in (1, 2):
        for time in range(2):
            kafka.response(review_response(number, "ada", "put_back", response_id=f"{number}/{time}"))
    kafka.turn()
    ordinary, audit = (kafka.queue.tables[0].find(f"streamid/0/{number}") for number in (1, 2))
    assert ordinary is not None
    assert audit is not None
    assert (ordinary.put_backs, ordinary.skips) == (2, ())
    assert (audit.put_backs, audit.skips) == (1, ("ada",))


def test_undo_takes_an_answer_back_while_the_request_is_open() -> None:
    kafka = ReviewKafka(review_rules(answers=2))
    kafka.request(review_request(1))
    kafka.response(review_response(1, "ada", label="spam"))
    kafka.response(review_response(1, "ada", "undo"))
    kafka.response(review_response(1, "ada", label="ham", response_id="better"))
    kafka.response(review_response(1, "ben", label="ham"))
    kafka.turn()
    assert decode(Verdict, _one(kafka, "verdicts").value).answers == {"ada": "ham", "ben": "ham"}


def test_undo_after_the_verdict_asks_again_under_the_next_name(kafka: ReviewKafka) -> None:
    kafka.request(audit_request(1))
    kafka.response(review_response(1, "ada"))
    kafka.response(review_response(1, "ben", "undo"))
    kafka.response(review_response(1, "ada", "undo"))
    kafka.response(review_response(1, "ada", "undo", response_id="again"))
    kafka.turn()

    again = decode(ReviewRequest, _one(kafka, "review-requests").value)
    assert again.request_id == "streamid/0/1#2"
    assert (again.blind, again.reason, again.decision) == (True, "audit", audit_request(1).decision)
    assert again.expires_at == NOON + timedelta(hours=24)

    kafka.start_worker()
    kafka.turn()
    opened = kafka.queue.tables[0].find("streamid/0/1#2")
    assert opened is not None
    assert opened.reserved_for == "ada"
    kafka.response(review_response(1, "ada", label="ham", request_id="streamid/0/1#2", response_id="better"))
    kafka.turn()
    assert _closings(kafka) == [
        ("streamid/0/1", "wrong", 1),
        ("streamid/0/1", "reopened", 2),
        ("streamid/0/1#2", "right", 3),
    ]
    assert [decode(Label, message.value).revision for message in kafka.of("labels")] == [2, 3]
    assert len({message.key for message in kafka.of("verdicts")}) == 2


def test_what_nobody_answers_in_time_expires(kafka: ReviewKafka) -> None:
    kafka.request(review_request(1, expires_at=NOON + timedelta(seconds=10)))
    kafka.request(review_request(2))
    kafka.turn()
    assert kafka.written == []
    kafka.now = NOON_S + 11
    kafka.turn()
    assert _closings(kafka) == [("streamid/0/1", "expired", 1)]
    assert decode(Unlabelled, _one(kafka, "unlabelled").value).reason == "expired"


def test_an_answer_that_was_there_at_the_start_goes_before_expiry(kafka: ReviewKafka) -> None:
    kafka.request(review_request(1, expires_at=NOON + timedelta(seconds=10)))
    kafka.turn()
    kafka.response(review_response(1, "ada"))
    kafka.now = NOON_S + 11
    kafka.start_worker()
    kafka.turn(responses=0)
    kafka.turn()
    assert _closings(kafka) == [("streamid/0/1", "wrong", 1)]


def test_an_aborted_transaction_leaves_no_trace(kafka: ReviewKafka) -> None:
    kafka.request(review_request(1))
    kafka.turn()
    kafka.response(review_response(1, "ada"))
    kafka.turn(aborts=True)
    assert (kafka.written, len(kafka.queue.tables[0])) == ([], 1)
    kafka.turn()
    assert len(kafka.of("verdicts")) == 1


def test_the_note_of_the_commit_stays_far_below_the_brokers_limit(kafka: ReviewKafka) -> None:
    for number in range(2_000):
        kafka.request(review_request(number))
    kafka.turn(requests=2_000)
    assert all(len(commit.metadata) < 200 for commit in kafka.commits.values())


def test_the_older_request_stands_before_the_younger_of_the_same_priority(kafka: ReviewKafka) -> None:
    kafka.request(review_request(1, decided_at=NOON - timedelta(hours=2), priority=0.1))
    kafka.request(review_request(2, priority=0.9))
    kafka.request(review_request(3, priority=0.5))
    kafka.turn()
    places = {request.request_id: request.place for request in kafka.queue.tables[0]}
    assert sorted(places, key=places.__getitem__, reverse=True) == [f"streamid/0/{number}" for number in (1, 2, 3)]


def test_nothing_is_published_for_a_decision_that_a_newer_one_of_its_record_superseded(kafka: ReviewKafka) -> None:
    record = {"id": "record-1", "text": "the same record, sent twice"}
    kafka.request(review_request(1, record=record, expires_at=NOON + timedelta(seconds=10)))
    kafka.request(review_request(2, record=record))
    kafka.turn()
    kafka.response(review_response(1, "ada"))
    kafka.response(review_response(2, "ada", label="ham", record_id="record-1"))
    kafka.turn()
    assert len(kafka.of("verdicts")) == len(kafka.of("evidence")) == 2
    label = decode(Label, _one(kafka, "labels").value)
    assert (label.decision_id, label.label) == ("streamid/0/2", "ham")


def test_a_response_that_came_too_early_counts_neither_live_nor_after_a_restart() -> None:
    kafka = ReviewKafka(review_rules(answers=2))
    kafka.response(review_response(1, "ada"))
    kafka.turn()
    assert _dead(kafka) == ["unknown_request"]
    kafka.request(review_request(1))
    kafka.response(review_response(1, "ben"))
    kafka.turn()
    before = kafka.handler.snapshot()
    kafka.start_worker()
    assert kafka.handler.snapshot() == before
    (opened,) = kafka.queue.tables[0]
    assert opened.answers == (("ben", "spam"),)


def test_while_what_is_open_is_read_again_no_offset_moves_and_nothing_that_comes_is_lost() -> None:
    slow = RebuildPace(piece=1, pieces_at_start=0, pieces_a_turn=2, messages_a_turn=2)
    kafka = ReviewKafka(rebuild_pace=slow)
    for number in range(10):
        kafka.request(review_request(number))
    kafka.turn()
    while not kafka.commits[REQUESTS].offset:
        kafka.turn()
    before = dict(kafka.commits)
    kafka.start_worker()
    for number in range(10, 20):
        kafka.request(review_request(number))
    kafka.request(b"{")
    kafka.response(review_response(3, "ada"))
    kafka.response(review_response(13, "ada"))
    kafka.turn()
    assert kafka.commits == before
    assert kafka.written == []
    for _ in range(30):
        kafka.turn()
    assert sorted(_closings(kafka)) == [("streamid/0/13", "wrong", 1), ("streamid/0/3", "wrong", 1)]
    assert _dead(kafka) == ["json_invalid"]
    assert len(kafka.queue.tables[0]) == 18
    assert [commit.offset for commit in kafka.commits.values()] == [21, 2]


def test_past_the_limit_the_least_instructive_expire_and_never_what_is_audited_or_answered() -> None:
    kafka = ReviewKafka(review_rules(max_open=4, answers=2))
    kafka.request(review_request(0, priority=0.0))
    kafka.response(review_response(0, "ada"))
    kafka.turn()
    for number in range(1, 4):
        kafka.request(audit_request(number, priority=0.0))
    for number in range(4, 10):
        kafka.request(review_request(number, priority=number / 10))
    kafka.request(review_request(10, priority=0.05, blind=True, suggestion=None))
    kafka.turn()
    left = {request.request_id.rpartition("/")[2] for request in kafka.queue.tables[0]}
    assert left == {"0", "1", "2", "3"}
    assert {closing for _, closing, _ in _closings(kafka)} == {"expired"}
    assert [decode(Unlabelled, message.value).reason for message in kafka.of("unlabelled")] == ["expired"] * 7
    order = [name.rpartition("/")[2] for name, _, _ in _closings(kafka)]
    assert order == ["4", "5", "6", "7", "8", "9", "10"]
