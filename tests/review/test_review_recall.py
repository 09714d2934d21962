"""Withdrawn labels are taken back once, and their records put before people again."""

from datetime import timedelta

import pytest
from tests.review.review_kafka import ReviewKafka, review_rules
from tests.review.review_labels import auto_label
from tests.review.review_messages import NOON, NOON_S, review_request, review_response

from winnow.review.recall_job import Pace
from winnow_schemas.codec import decode
from winnow_schemas.evidence import Closed
from winnow_schemas.labels import Label
from winnow_schemas.review_requests import ReviewRequest
from winnow_schemas.unlabelled import Unlabelled
from winnow_schemas.verdicts import Verdict


def labels_of(kafka: ReviewKafka) -> list[tuple[str, str, int]]:
    """What review wrote: decision, source, revision."""
    written = [decode(Label, message.value) for message in kafka.of("labels")]
    return [(each.decision_id, each.source, each.revision) for each in written]


def recalled(kafka: ReviewKafka) -> list[int]:
    """Numbers of the records whose labels were taken back."""
    return [int(decision.rpartition("/")[2]) for decision, source, _ in labels_of(kafka) if source == "recall"]


def turns(kafka: ReviewKafka, count: int = 8) -> None:
    for _ in range(count):
        kafka.turn()


@pytest.fixture
def kafka() -> ReviewKafka:
    kafka = ReviewKafka()
    for number in range(6):
        kafka.label_topics.auto(number, version=10 * number)
    return kafka


def test_exactly_the_labels_of_withdrawn_versions_are_taken_back(kafka: ReviewKafka) -> None:
    turns(kafka)
    assert kafka.written == []
    kafka.label_topics.withdraw(100, (15, 30), (50, 60))
    turns(kafka)
    assert recalled(kafka) == [2, 3, 5]
    taken_back = decode(Label, kafka.of("labels")[0].value)
    assert (taken_back.revision, taken_back.label, taken_back.record_id) == (2, None, "record-2")
    assert (taken_back.policy_version, taken_back.epoch) == (20, 1)


def test_a_recalled_record_is_asked_again_outside_all_evidence(kafka: ReviewKafka) -> None:
    kafka.label_topics.withdraw(100, (50, 50))
    turns(kafka)
    (message,) = kafka.of("review-requests")
    request = decode(ReviewRequest, message.value)
    assert (request.request_id, request.reason, request.blind) == ("streamid/0/5", "recalled", True)
    assert (request.decision.propensity, request.decision.look, request.suggestion) == (1.0, "none", None)
    assert request.record == {"id": "record-5", "text": "text of record 5"}
    assert request.expires_at == NOON + timedelta(days=14)
    assert (message.key, message.partition) == (b"record-5", 0)

    kafka.response(review_response(5, "ada"))
    turns(kafka)

    assert labels_of(kafka) == [("streamid/0/5", "recall", 2), ("streamid/0/5", "human", 3)]
    closed = decode(Closed, kafka.of("evidence")[0].value)
    assert (closed.reason, closed.closing, closed.look, closed.policy_version) == ("recalled", "wrong", "none", 50)
    verdict = decode(Verdict, kafka.of("verdicts")[0].value)
    assert (verdict.label, verdict.reason, verdict.decision and verdict.decision.label) == ("spam", "recalled", "ham")


def test_an_answer_to_a_recalled_record_that_is_undone_is_asked_again_and_counts_up(kafka: ReviewKafka) -> None:
    kafka.label_topics.withdraw(100, (50, 50))
    turns(kafka)
    kafka.response(review_response(5, "ada"))
    kafka.response(review_response(5, "ada", "undo"))
    turns(kafka)
    kafka.response(review_response(5, "ada", request_id="streamid/0/5#2", response_id="better"))
    turns(kafka)
    assert [revision for _, _, revision in labels_of(kafka)] == [2, 3, 4]
    again = decode(ReviewRequest, kafka.of("review-requests")[1].value)
    assert (again.request_id, again.reason) == ("streamid/0/5#2", "recalled")


def test_what_is_fresh_is_asked_before_what_was_recalled_at_the_same_time(kafka: ReviewKafka) -> None:
    kafka.now = NOON_S + 36_000
    kafka.label_topics.withdraw(100, (50, 50))
    turns(kafka)
    kafka.request(review_request(9, decided_at=NOON + timedelta(hours=10), priority=0.4))
    turns(kafka)
    places = {request.request_id: request.place for request in kafka.queue.tables[0]}
    assert places["streamid/0/9"] > places["streamid/0/5"]


def test_nobody_answers_and_the_recalled_record_ends_unlabelled(kafka: ReviewKafka) -> None:
    kafka.label_topics.withdraw(100, (50, 50))
    turns(kafka)
    kafka.now += 15 * 86_400
    turns(kafka)
    assert [decode(Unlabelled, each.value).reason for each in kafka.of("unlabelled")] == ["expired"]


def test_beyond_so_many_open_ones_records_are_left_unlabelled() -> None:
    kafka = ReviewKafka(review_rules(recall_max_open=2))
    for number in range(5):
        kafka.label_topics.auto(number, version=1)
    kafka.label_topics.withdraw(9, (0, 8))
    turns(kafka)
    assert recalled(kafka) == [0, 1, 2, 3, 4]
    left = [decode(Unlabelled, each.value) for each in kafka.of("unlabelled")]
    assert [(each.record_id, each.reason) for each in left] == [(f"record-{n}", "recalled") for n in (2, 3, 4)]
    assert len(kafka.of("review-requests")) == 2

    kafka.response(review_response(0, "ada"))
    kafka.start_worker()
    turns(kafka)
    kafka.label_topics.auto(5, version=2)
    kafka.label_topics.auto(6, version=2)
    turns(kafka)
    assert len(kafka.of("review-requests")) == 3, "room for one"
    assert len(kafka.of("unlabelled")) == 4


def test_the_share_of_each_partition_number_adds_up_to_the_whole() -> None:
    from tests.review.review_kafka import TOPICS

    from winnow.review.desk import Desk
    from winnow.review.early_responses import NONE_EARLY
    from winnow.review.open_requests import OpenRequests
    from winnow.review.recall_messages import RecallMessages
    from winnow.review.recall_writer import RecallWriter

    kafka = ReviewKafka(review_rules(recall_max_open=10))
    writer = RecallWriter(kafka.labels, RecallMessages(TOPICS), kafka.rules, partitions=4)
    desks = [
        Desk(OpenRequests(number), kafka.means, requests_read=0, responses_read=0, early=NONE_EARLY)
        for number in range(4)
    ]
    assert [writer.room(desk) for desk in desks] == [3, 3, 2, 2]


def test_labels_that_arrive_late_under_a_withdrawn_version_are_taken_back_too(kafka: ReviewKafka) -> None:
    kafka.label_topics.withdraw(100, (15, 60))
    turns(kafka)
    kafka.label_topics.auto(7, version=60)
    kafka.label_topics.auto(8, version=61)
    turns(kafka)
    assert recalled(kafka) == [2, 3, 4, 5, 7]


def test_an_operators_recall_of_older_versions_comes_as_another_range(kafka: ReviewKafka) -> None:
    kafka.label_topics.withdraw(100, (50, 60))
    turns(kafka)
    kafka.label_topics.withdraw(101, (0, 10), (50, 60))
    turns(kafka)
    kafka.label_topics.withdraw(102, (0, 60))
    turns(kafka)
    assert recalled(kafka) == [5, 0, 1, 2, 3, 4]


def test_a_withdrawal_in_the_middle_of_another_loses_nothing(kafka: ReviewKafka) -> None:
    kafka.pace = Pace(recalls=1)
    kafka.start_worker()
    kafka.label_topics.withdraw(100, (0, 20))
    kafka.turn()
    kafka.label_topics.withdraw(101, (0, 20), (50, 60))
    turns(kafka)
    assert recalled(kafka) == [0, 1, 2, 5]


def test_an_older_certificate_changes_nothing(kafka: ReviewKafka) -> None:
    kafka.label_topics.withdraw(100, (50, 60))
    kafka.label_topics.withdraw(99, (0, 60))
    turns(kafka)
    assert recalled(kafka) == [5]


@pytest.mark.parametrize("keeps_notes", [True, False])
def test_a_worker_cut_off_in_the_middle_goes_on_where_it_was(kafka: ReviewKafka, *, keeps_notes: bool) -> None:
    kafka.pace = Pace(labels=2, recalls=1, pending=3)
    kafka.keeps_notes = keeps_notes
    kafka.start_worker()
    kafka.label_topics.withdraw(100, (0, 60))
    for _ in range(40):
        turns(kafka, 5 if keeps_notes else 12)
        kafka.turn(aborts=True)
        kafka.start_worker()
    assert sorted(recalled(kafka)) == [0, 1, 2, 3, 4, 5]


def test_the_note_spares_a_worker_started_anew_the_reading(kafka: ReviewKafka) -> None:
    kafka.label_topics.withdraw(100, (0, 60))
    turns(kafka)
    kafka.start_worker()
    turns(kafka)
    assert kafka.labels.taken <= 6, "its own recalls at most"
    kafka.label_topics.auto(7, version=60)
    turns(kafka)
    assert recalled(kafka) == [0, 1, 2, 3, 4, 5, 7]


def test_each_transaction_that_writes_commits_another_note(kafka: ReviewKafka) -> None:
    kafka.pace = Pace(recalls=1)
    kafka.start_worker()
    kafka.label_topics.withdraw(100, (0, 60))
    notes = set()
    for _ in range(10):
        if kafka.turn():
            notes.add(tuple(kafka.commits.values()))
    assert len(notes) == 6


def test_nothing_is_taken_back_before_open_transactions_have_ended(kafka: ReviewKafka) -> None:
    kafka.label_topics.label(auto_label(5, 50, source="recall", label=None, revision=2), "record-5")
    kafka.label_topics.first_open = 6
    kafka.start_worker()
    kafka.label_topics.withdraw(100, (50, 60))
    turns(kafka)
    assert recalled(kafka) == []
    kafka.label_topics.first_open = None
    turns(kafka)
    assert recalled(kafka) == [], "a former worker's recall was among them"


def test_labels_corrected_or_decided_anew_or_erased_are_left_alone(kafka: ReviewKafka) -> None:
    kafka.label_topics.label(auto_label(0, 0, source="human", label="spam", revision=2), "record-0")
    kafka.label_topics.auto(8, 70, record_id="record-1")
    kafka.label_topics.label(None, "record-2")
    kafka.request(review_request(9, record={"id": "record-3", "text": "again"}))
    kafka.label_topics.withdraw(100, (0, 60))
    turns(kafka)
    assert recalled(kafka) == [4, 5]


def test_a_newer_decision_that_was_withdrawn_is_taken_back_in_place_of_the_older(kafka: ReviewKafka) -> None:
    kafka.label_topics.auto(8, 60, record_id="record-1")
    kafka.label_topics.withdraw(100, (10, 60))
    turns(kafka)
    assert recalled(kafka) == [2, 3, 4, 5, 8]


def test_of_a_record_that_is_gone_the_label_is_taken_back_all_the_same(kafka: ReviewKafka) -> None:
    del kafka.label_topics.records[3]
    kafka.label_topics.record(4, record_id="somebody else")
    kafka.label_topics.withdraw(100, (25, 60))
    turns(kafka)
    assert recalled(kafka) == [3, 4, 5]
    assert [decode(ReviewRequest, each.value).request_id for each in kafka.of("review-requests")] == ["streamid/0/5"]


def test_a_pending_recall_waits_until_the_requests_of_before_are_read(kafka: ReviewKafka) -> None:
    kafka.request(review_request(9, record={"id": "record-5", "text": "again"}))
    kafka.hidden_requests = 1
    kafka.start_worker()
    kafka.label_topics.withdraw(100, (50, 60))
    turns(kafka)
    assert recalled(kafka) == []
    kafka.hidden_requests = 0
    turns(kafka)
    assert recalled(kafka) == [], "that request is about the same record, and newer"


def test_unreadable_labels_and_certificates_are_passed_over(kafka: ReviewKafka) -> None:
    topics = kafka.label_topics
    topics.labels[3] = topics.labels[3]._replace(value=b"{")
    topics.withdraw(100, (15, 60))
    topics.certificates.insert(0, topics.certificates[0]._replace(value=b"\xff"))
    turns(kafka)
    assert recalled(kafka) == [2, 4, 5]


def test_headers_of_the_record_travel_on(kafka: ReviewKafka) -> None:
    labels = kafka.label_topics.labels
    labels[5] = labels[5]._replace(headers=[("traceparent", b"00-abc")])
    kafka.label_topics.withdraw(100, (50, 50))
    turns(kafka)
    assert [list(each.headers) for each in kafka.written] == [[("traceparent", b"00-abc")]] * 2
