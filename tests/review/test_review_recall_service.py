"""Recalls of a running review service: cut off in the middle, none is lost and none is doubled."""

from collections import Counter
from collections.abc import Callable

import pytest
from tests.review.conftest import MakeReview
from tests.review.running_review import RunningReview, answer, take_all
from tests.review.withdrawn_stream import TWO_HOURS_MS, WithdrawnStream
from tests.support.waiting import eventually

RECALLED, KEPT, MOST_OPEN = 2_000, 300, 800


def recalls_of(review: RunningReview) -> Counter[str]:
    return Counter(label.decision_id for label in review.read("labels") if label.source == "recall")


def withdrawn_stream(review: RunningReview) -> tuple[WithdrawnStream, dict[int, str]]:
    """Two hours ago labels that are kept, lately those of policy 20, which will be withdrawn."""
    stream = WithdrawnStream(review)
    decisions = stream.records(range(RECALLED + KEPT))
    stream.evidence(15, age_ms=TWO_HOURS_MS)
    stream.labels({number: decisions[number] for number in range(RECALLED, RECALLED + KEPT)}, 10, age_ms=TWO_HOURS_MS)
    stream.evidence(15)
    withdrawn = {number: decisions[number] for number in range(RECALLED)}
    stream.labels(withdrawn, 20)
    return stream, withdrawn


def check_whole(review: RunningReview, withdrawn: dict[int, str]) -> None:
    eventually(lambda: len(recalls_of(review)) == RECALLED, within_s=60, what="all recalls")
    assert recalls_of(review) == Counter(withdrawn.values())
    assert {label.revision for label in review.read("labels") if label.source == "recall"} == {2}
    asked = Counter(request.request_id for request in review.read("review-requests"))
    left = Counter(unlabelled.decision_id for unlabelled in review.read("unlabelled"))
    assert asked + left == Counter(withdrawn.values()), "each is either asked again or left unlabelled"
    assert sum(asked.values()) == MOST_OPEN


def cut_off(review: RunningReview, stream: WithdrawnStream, how: Callable[[], object], times: int) -> None:
    """Let the worker write some recalls each time, and end it."""
    for _ in range(times):
        before = stream.label_count()
        eventually(lambda least=before + 50: stream.label_count() >= least, within_s=60, what="some recalls")
        how()
        review.start()


@pytest.mark.kafka
def test_kill_minus_nine_in_the_middle_of_a_recall_loses_and_doubles_none(make_review: MakeReview) -> None:
    review = make_review(recall_max_open=MOST_OPEN)
    stream, withdrawn = withdrawn_stream(review)
    review.start()
    review.wait_ready()
    stream.withdraw(25, (15, 24))
    cut_off(review, stream, review.kill, 2)
    check_whole(review, withdrawn)
    starts = [line for line in review.log_file().read_text().splitlines() if "recall begins" in line]
    assert starts
    assert not any("from_offset=0 " in line for line in starts), "two hours ago nothing of this policy can be"

    late = stream.records(range(9_000, 9_010))
    stream.labels({number: decision for number, decision in late.items() if number >= 9_000}, 24)
    eventually(lambda: len(recalls_of(review)) == RECALLED + 10, within_s=60, what="late labels taken back")
    assert review.stop() == 0


@pytest.mark.parametrize("cluster", ["embedded"], indirect=True)
def test_a_worker_stopped_in_the_middle_of_a_recall_goes_on_and_people_answer(make_review: MakeReview) -> None:
    review = make_review(recall_max_open=MOST_OPEN)
    stream, withdrawn = withdrawn_stream(review)
    review.start()
    review.wait_ready()
    stream.withdraw(25, (15, 24))
    cut_off(review, stream, review.stop, 1)
    check_whole(review, withdrawn)

    review.wait_ready()
    with review.client() as api:
        requests = take_all(api, 5, within_s=40)
        assert all(request["blind"] and "suggestion" not in request for request in requests)
        for request in requests:
            api.post("/v1/answers", json=answer(request)).raise_for_status()
    closed = eventually(lambda: [c for c in review.read("evidence") if c.kind == "closing"], what="the closings")
    assert {each.reason for each in closed} == {"recalled"}
    assert {label.revision for label in review.read("labels") if label.source == "human"} == {3}


@pytest.mark.kafka
def test_a_partition_handed_over_in_the_middle_of_a_recall_is_recalled_once(make_review: MakeReview) -> None:
    review = make_review(recall_max_open=MOST_OPEN)
    stream, withdrawn = withdrawn_stream(review)
    review.start("0")
    review.wait_ready("0")
    before = stream.label_count()
    stream.withdraw(25, (15, 24))
    eventually(lambda: stream.label_count() >= before + 50, within_s=60, what="some recalls")
    review.start("1")
    check_whole(review, withdrawn)
