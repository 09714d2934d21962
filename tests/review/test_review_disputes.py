"""A finished label in doubt goes back in line: its next verdict is its next revision, and evidence follows."""

import pytest
from tests.review.review_kafka import ReviewKafka, review_rules
from tests.review.review_messages import NOON, audit_request, review_request, review_response

from winnow.review.disputes import opening_of
from winnow_schemas.codec import decode
from winnow_schemas.dead_letters import DeadLetter
from winnow_schemas.evidence import Closed
from winnow_schemas.labels import Label
from winnow_schemas.review_requests import ReviewRequest
from winnow_schemas.review_responses import ReviewResponse
from winnow_schemas.verdicts import Verdict


def dispute(number: int, label_offset: int | None, **changes: object) -> ReviewResponse:
    """A consumer who is no reviewer says that this label of record NUMBER is wrong."""
    fields = {
        "response_id": f"dispute/{number}/{label_offset}",
        "request_id": f"streamid/0/{number}",
        "record_id": f"record-{number}",
        "reviewer": "the archive",
        "action": "dispute",
        "label_offset": label_offset,
        "at": NOON,
    }
    return ReviewResponse(**(fields | changes))


def _asked(kafka: ReviewKafka) -> list[ReviewRequest]:
    return [decode(ReviewRequest, message.value) for message in kafka.of("review-requests")]


def _labels(kafka: ReviewKafka) -> list[tuple[str, str | None, int]]:
    written = [decode(Label, message.value) for message in kafka.of("labels")]
    return [(each.source, each.label, each.revision) for each in written]


def _closings(kafka: ReviewKafka) -> list[tuple[str, str, int, str]]:
    written = [decode(Closed, message.value) for message in kafka.of("evidence")]
    return [(each.request_id, each.closing, each.revision, each.reason) for each in written]


def _answer(kafka: ReviewKafka, request_id: str, label: str, reviewer: str = "ada") -> None:
    number = int(request_id.partition("#")[0].rpartition("/")[2])
    kafka.response(
        review_response(number, reviewer, request_id=request_id, response_id=f"{reviewer} {request_id}", label=label)
    )
    kafka.turn()


@pytest.fixture
def kafka() -> ReviewKafka:
    return ReviewKafka()


def test_a_machine_s_label_in_doubt_is_asked_blind_and_outside_all_evidence(kafka: ReviewKafka) -> None:
    kafka.label_topics.auto(1, version=10)
    kafka.response(dispute(1, 0))
    kafka.turn()
    (request,) = _asked(kafka)
    assert (request.reason, request.blind, request.suggestion) == ("disputed", True, None)
    assert (request.decision.look, request.decision.propensity, request.decision.label) == ("none", 1.0, "ham")
    assert request.record["text"] == "text of record 1"
    assert kafka.of("evidence") == []

    _answer(kafka, request.request_id, "spam")
    assert _labels(kafka) == [("human", "spam", 4)]
    assert [each[1:] for each in _closings(kafka)] == [("wrong", 5, "disputed")]
    assert decode(Verdict, kafka.of("verdicts")[0].value).reason == "disputed"


def test_a_verdict_in_doubt_is_asked_again_and_its_next_revision_counts_up(kafka: ReviewKafka) -> None:
    kafka.request(review_request(1))
    kafka.turn()
    _answer(kafka, "streamid/0/1", "spam")
    for offset, (label, reviewer) in enumerate([("ham", "ben"), ("spam", "eve")]):
        kafka.response(dispute(1, offset))
        kafka.turn()
        _answer(kafka, _asked(kafka)[-1].request_id, label, reviewer)
    assert [each.request_id for each in _asked(kafka)] == ["streamid/0/1#2", "streamid/0/1#3"]
    assert _labels(kafka) == [("human", "spam", 2), ("human", "ham", 3), ("human", "spam", 4)]
    assert [each[3] for each in _closings(kafka)] == ["uncertain", "disputed", "disputed"]
    verdicts = [decode(Verdict, message.value) for message in kafka.of("verdicts")]
    assert [(each.revision, each.label) for each in verdicts] == [(1, "spam"), (2, "ham"), (3, "spam")]


def test_a_disputed_audit_is_open_again_as_the_audit_it_was(kafka: ReviewKafka) -> None:
    kafka.request(audit_request(1))
    kafka.turn()
    _answer(kafka, "streamid/0/1", "ham")
    kafka.response(dispute(1, 0))
    kafka.turn()
    (request,) = _asked(kafka)
    assert (request.reason, request.decision.look, request.decision.propensity) == ("audit", "ledger", 0.08)
    _answer(kafka, request.request_id, "spam", "ben")
    assert _closings(kafka) == [
        ("streamid/0/1", "right", 1, "audit"),
        ("streamid/0/1", "reopened", 2, "audit"),
        ("streamid/0/1#2", "wrong", 3, "audit"),
    ]


def test_who_disputes_twice_or_what_is_open_already_is_asked_once(kafka: ReviewKafka) -> None:
    kafka.label_topics.auto(1, version=10)
    for copy in range(3):
        kafka.response(dispute(1, 0, response_id=f"copy {copy}"))
    kafka.turn()
    kafka.response(dispute(1, 0, response_id="later"))
    kafka.turn()
    (request,) = _asked(kafka)
    _answer(kafka, request.request_id, "spam")
    kafka.response(dispute(1, 0, response_id="much later, about the label of before"))
    kafka.turn()
    assert len(_asked(kafka)) == 1


def test_an_undone_verdict_needs_no_dispute(kafka: ReviewKafka) -> None:
    kafka.request(review_request(1))
    kafka.turn()
    _answer(kafka, "streamid/0/1", "spam")
    kafka.response(review_response(1, "ada", "undo"))
    kafka.turn()
    kafka.response(dispute(1, 0))
    kafka.turn()
    assert [each.request_id for each in _asked(kafka)] == ["streamid/0/1#2"]


def test_a_disputed_verdict_is_undone_by_nobody(kafka: ReviewKafka) -> None:
    kafka.request(review_request(1))
    kafka.turn()
    _answer(kafka, "streamid/0/1", "spam")
    kafka.response(dispute(1, 0))
    kafka.response(review_response(1, "ada", "undo"))
    kafka.turn()
    assert [each.request_id for each in _asked(kafka)] == ["streamid/0/1#2"]


def test_nobody_answers_and_the_label_in_doubt_stands(kafka: ReviewKafka) -> None:
    kafka.label_topics.auto(1, version=10)
    kafka.response(dispute(1, 0))
    kafka.turn()
    kafka.turn()
    kafka.now += 15 * 86_400
    kafka.turn()
    assert [each[1] for each in _closings(kafka)] == ["expired"]
    assert kafka.of("unlabelled") == []


def test_a_label_in_doubt_that_is_recalled_is_asked_once_and_no_revision_twice(kafka: ReviewKafka) -> None:
    kafka.label_topics.auto(1, version=10)
    kafka.response(dispute(1, 0))
    kafka.turn()
    kafka.label_topics.withdraw(100, (10, 10))
    for _ in range(8):
        kafka.turn()
    (request,) = _asked(kafka)
    _answer(kafka, request.request_id, "spam")
    assert _labels(kafka) == [("recall", None, 2), ("human", "spam", 4)]


@pytest.mark.parametrize(
    ("label_offset", "changes"), [(7, {}), (0, {"request_id": "streamid/0/2"}), (1, {"request_id": "streamid/0/1"})]
)
def test_a_dispute_about_no_label_is_a_dead_letter(kafka: ReviewKafka, label_offset: int, changes: dict) -> None:
    kafka.label_topics.auto(1, version=10)
    kafka.label_topics.auto(3, version=10)
    kafka.response(dispute(1, label_offset, **changes))
    kafka.turn()
    (dead,) = (decode(DeadLetter, message.value) for message in kafka.of("dead-letters"))
    assert dead.error.code == "unknown_label"
    assert _asked(kafka) == []


def test_a_record_that_is_gone_cannot_be_asked_again(kafka: ReviewKafka) -> None:
    kafka.label_topics.auto(1, version=10)
    del kafka.label_topics.records[1]
    kafka.response(dispute(1, 0))
    kafka.turn()
    (dead,) = (decode(DeadLetter, message.value) for message in kafka.of("dead-letters"))
    assert dead.error.code == "record_gone"


def test_a_worker_that_starts_anew_has_the_disputed_ones_in_line(kafka: ReviewKafka) -> None:
    kafka.rules = review_rules()
    kafka.label_topics.auto(1, version=10)
    kafka.response(dispute(1, 0))
    kafka.turn(aborts=True)
    assert _asked(kafka) == []
    kafka.turn()
    kafka.turn()
    before = kafka.handler.snapshot()
    kafka.start_worker()
    assert kafka.handler.snapshot() == before
    assert list(before[0]["open"]) == ["streamid/0/1#3"]


def test_names_of_disputed_labels_meet_no_other() -> None:
    def label(source: str, revision: int) -> Label:
        return Label(
            record_id="r", label="ham", source=source, revision=revision, decision_id="s/0/1", decided_at=NOON, at=NOON
        )

    assert opening_of(label("auto", 1)).request_id == "s/0/1#3"
    assert opening_of(label("human", 2)).request_id == "s/0/1#2"
    assert opening_of(label("human", 3)).request_id == "s/0/1#3"


def _doubt(number: int, label: str, **changes: object) -> ReviewResponse:
    """What the learner writes: it knows the label, but not where it stands."""
    return dispute(number, None, label=label, reviewer="learner", **changes)


def test_a_verdict_that_looks_wrong_is_asked_about_again_without_knowing_where_its_label_stands(
    kafka: ReviewKafka,
) -> None:
    kafka.request(review_request(1))
    kafka.turn()
    _answer(kafka, "streamid/0/1", "spam")
    for _ in range(2):
        kafka.response(_doubt(1, "spam"))
        kafka.turn()
    (request,) = _asked(kafka)
    assert (request.reason, request.blind) == ("disputed", True)
    before = _closings(kafka)
    _answer(kafka, request.request_id, "ham", "ben")
    assert _labels(kafka)[-1][:2] == ("human", "ham")
    assert [each[3] for each in _closings(kafka)[len(before) :]] == ["disputed"]


def test_a_doubt_about_a_label_that_is_another_one_by_now_changes_nothing(kafka: ReviewKafka) -> None:
    kafka.request(review_request(1))
    kafka.turn()
    _answer(kafka, "streamid/0/1", "spam")
    kafka.response(_doubt(1, "ham"))
    kafka.response(_doubt(2, "ham"))
    kafka.turn()
    assert _asked(kafka) == []
    assert kafka.of("dead-letters") == []
