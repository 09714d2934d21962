"""Records that a reviewer adds, and labels that one adds."""

from typing import Any

import pytest
from tests.review.review_kafka import ReviewKafka
from tests.review.review_messages import NOON, review_request

from winnow.client.released_labels import Given, ReleasedLabels, Withdrawn
from winnow.review.added_records import added_response, undone_response
from winnow.review.label_book import MOST_ADDED, LabelBook
from winnow_schemas.codec import InvalidMessage, decode, encode
from winnow_schemas.dead_letters import DeadLetter
from winnow_schemas.labels import Label
from winnow_schemas.review_requests import ReviewRequest
from winnow_schemas.review_responses import ReviewResponse
from winnow_schemas.verdicts import Verdict

LINE: Any = {"text": "VAT 20 %", "group": "invoice 7", "id": "a name that may be another record's"}


def test_an_added_line_becomes_a_verdict_and_a_label_of_its_own_and_no_evidence() -> None:
    kafka = ReviewKafka()
    response = added_response("ada", "r1", LINE, "spam", NOON)
    kafka.response(response)
    kafka.response(response)
    kafka.turn()
    (verdict,) = [decode(Verdict, message.value) for message in kafka.of("verdicts")]
    (label,) = [decode(Label, message.value) for message in kafka.of("labels")]
    assert (verdict.label, verdict.reason, verdict.decision, verdict.answers) == ("spam", "seed", None, {"ada": "spam"})
    assert verdict.record == {**LINE, "id": response.record_id}
    assert (label.record_id, label.label, label.source, label.group) == (
        response.record_id,
        "spam",
        "human",
        "invoice 7",
    )
    assert not kafka.of("evidence")
    assert not kafka.of("dead-letters")


def test_an_added_line_s_label_can_be_disputed_like_any_other() -> None:
    kafka = ReviewKafka()
    added = added_response("ada", "r1", LINE, "spam", NOON)
    kafka.response(added)
    kafka.turn()
    doubt = {"response_id": "d1", "reviewer": "a consumer", "action": "dispute", "label_offset": 0}
    kafka.response(added.model_copy(update=doubt | {"record": None, "label": None}))
    kafka.turn()
    (again,) = [decode(ReviewRequest, message.value) for message in kafka.of("review-requests")]
    answer = {"request_id": again.request_id, "action": "label", "label": "ham", "response_id": "a1", "record": None}
    kafka.response(added.model_copy(update=answer))
    kafka.turn()
    kafka.turn()
    labels = [decode(Label, message.value) for message in kafka.of("labels")]
    assert (again.reason, again.record["text"]) == ("disputed", "VAT 20 %")
    assert [(each.label, each.decision_id) for each in labels] == [
        ("spam", added.request_id),
        ("ham", added.request_id),
    ]
    assert labels[0].revision < labels[1].revision


def _added(kafka: ReviewKafka, response_id: str = "r1") -> ReviewResponse:
    added = added_response("ada", response_id, LINE, "spam", NOON)
    kafka.response(added)
    kafka.turn()
    return added


def test_who_added_a_line_can_take_it_back_once(kafka: ReviewKafka) -> None:
    added = _added(kafka)
    kafka.response(undone_response("ada", "u1", "r1", NOON))
    kafka.response(undone_response("ada", "u2", "r1", NOON))
    kafka.turn()
    verdict, erased = kafka.of("verdicts")
    label, withdrawn = (decode(Label, message.value) for message in kafka.of("labels"))
    assert (erased.key, erased.value) == (verdict.key, None)
    assert (withdrawn.record_id, withdrawn.source, withdrawn.label) == (added.record_id, "recall", None)
    assert withdrawn.decision_id == label.decision_id
    assert withdrawn.revision > label.revision
    assert not kafka.of("evidence")
    assert not kafka.of("dead-letters")
    consumer = ReleasedLabels()
    assert [type(change) for each in (label, withdrawn) for change in consumer.take(each, each.revision)] == [
        Given,
        Withdrawn,
    ]


def test_a_line_that_was_taken_back_can_be_added_anew(kafka: ReviewKafka) -> None:
    _added(kafka)
    kafka.response(undone_response("ada", "u1", "r1", NOON))
    kafka.turn()
    again = _added(kafka, "r2")
    assert decode(Verdict, kafka.of("verdicts")[-1].value).request_id == again.request_id


def test_nobody_else_takes_a_line_back_and_nobody_one_that_was_never_added(kafka: ReviewKafka) -> None:
    added = _added(kafka)
    kafka.response(undone_response("ada", "u1", "r1", NOON).model_copy(update={"reviewer": "ben"}))
    kafka.response(undone_response("ben", "u2", "r1", NOON))
    kafka.turn()
    assert [decode(Label, message.value).record_id for message in kafka.of("labels")] == [added.record_id]
    (dead,) = [decode(DeadLetter, message.value) for message in kafka.of("dead-letters")]
    assert (dead.error.code, "added here lately" in dead.error.message) == ("unknown_request", True)


def test_a_worker_that_starts_anew_still_knows_what_was_added_and_what_was_taken_back(kafka: ReviewKafka) -> None:
    kafka.request(review_request(1))
    kafka.turn()
    _added(kafka)
    kafka.start_worker()
    kafka.response(undone_response("ada", "u1", "r1", NOON))
    kafka.turn()
    kafka.start_worker()
    kafka.response(undone_response("ada", "u2", "r1", NOON))
    kafka.turn()
    assert [message.value is None for message in kafka.of("verdicts")] == [False, True]


def test_a_line_in_doubt_is_not_taken_back_and_one_that_was_is_not_doubted(kafka: ReviewKafka) -> None:
    for response_id, first, second in (("r1", "doubt", "undo"), ("r2", "undo", "doubt")):
        added = _added(kafka, response_id)
        offset = len(kafka.label_topics.labels) - 1
        doubt = {"response_id": f"d{response_id}", "action": "dispute", "label_offset": offset}
        said = {
            "undo": undone_response("ada", f"u{response_id}", response_id, NOON),
            "doubt": added.model_copy(update=doubt | {"record": None, "label": None}),
        }
        for each in (first, second):
            kafka.response(said[each])
            kafka.turn()
    requests = [decode(ReviewRequest, message.value).request_id for message in kafka.of("review-requests")]
    labels = [decode(Label, message.value).source for message in kafka.of("labels")]
    assert len(requests) == 1
    assert labels == ["human", "human", "recall"]


@pytest.fixture
def kafka() -> ReviewKafka:
    return ReviewKafka()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"record_id": "record-1"}, "wrong_record"),
        ({"record": {"id": "record-1", "text": "another's label"}}, "wrong_record"),
        ({"request_id": "streamid/0/1"}, "wrong_record"),
        ({"label": "eggs"}, "unknown_label"),
    ],
)
def test_what_is_added_from_outside_can_touch_no_other_record(changes: dict[str, Any], code: str) -> None:
    kafka = ReviewKafka()
    kafka.response(added_response("ada", "r1", LINE, "spam", NOON).model_copy(update=changes))
    kafka.turn()
    assert [decode(DeadLetter, message.value).error.code for message in kafka.of("dead-letters")] == [code]
    assert not kafka.of("verdicts")


def test_names_are_their_reviewers_own() -> None:
    names = {added_response(name, "r1", LINE, "spam", NOON).record_id for name in ("ada", "ben", "ada")}
    assert len(names) == 2


def test_an_added_record_must_have_something_in_it() -> None:
    empty = added_response("ada", "r1", LINE, "spam", NOON).model_copy(update={"record": {"id": "x"}})
    with pytest.raises(InvalidMessage):
        decode(ReviewResponse, encode(empty))


def test_labels_that_were_added_are_offered_where_the_task_allows_it() -> None:
    for open_labels, offered in ((True, ("ham", "spam", "eggs")), (False, ("ham", "spam"))):
        book = LabelBook(("ham", "spam"), open_labels=open_labels)
        book.saw(["eggs", "ham"])
        assert book.labels() == offered


def test_so_many_labels_are_offered_and_no_more() -> None:
    book = LabelBook(("ham", "spam"), open_labels=True)
    book.saw(f"label {n}" for n in range(2 * MOST_ADDED))
    assert len(book.labels()) == MOST_ADDED + 2
