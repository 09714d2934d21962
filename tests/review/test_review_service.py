"""A running review service on real Kafka and real Redis: nothing lost, nothing doubled."""

import threading
from collections import Counter

import httpx
import pytest
import redis
from tests.review.conftest import MakeReview
from tests.review.review_messages import review_response
from tests.review.running_review import RunningReview, answer, take_all
from tests.support.waiting import eventually

pytestmark = pytest.mark.kafka


def verdicts_of(review: RunningReview, count: int, within_s: float = 30) -> Counter[str]:
    """Verdicts by request, once there are at least `count`."""
    found = eventually(
        lambda: them if len(them := review.read("verdicts")) >= count else None, within_s=within_s, what="verdicts"
    )
    return Counter(verdict.request_id for verdict in found)


def test_an_answer_is_committed_with_its_label_and_closing(review: RunningReview) -> None:
    review.send_numbers(range(3))
    with review.client() as api:
        for request in take_all(api, 3):
            assert api.post("/v1/answers", json=answer(request, note="clear", seconds=1.5)).status_code == 202

    assert set(verdicts_of(review, 3).values()) == {1}
    assert {label.source for label in review.read("labels")} == {"human"}
    assert [closed.closing for closed in review.read("evidence")] == ["wrong"] * 3
    (response, *_) = review.read("review-responses")
    assert (response.reviewer, response.note, response.seconds) == ("ada", "clear", 1.5)


def test_a_redis_flushed_in_the_middle_loses_neither_requests_nor_answers(
    review: RunningReview, redis_url: str
) -> None:
    review.send_numbers(range(40))
    with review.client("ada") as ada, review.client("ben") as ben, redis.Redis.from_url(redis_url) as client:
        held = take_all(ada, 5)
        client.flushall()
        for request in held:
            assert ada.post("/v1/answers", json=answer(request)).status_code == 202, "given meanwhile, it counts"
        answered = {request["request_id"] for request in held}

        def finish() -> bool:
            for request in ben.post("/v1/next", json={"count": 10}).json()["requests"]:
                if ben.post("/v1/answers", json=answer(request)).status_code == 202:
                    answered.add(request["request_id"])
            return len(answered) == 40

        eventually(finish, within_s=30, what="all requests being offered again")
    assert verdicts_of(review, 40) == Counter({f"streamid/0/{number}": 1 for number in range(40)})


def test_kill_minus_nine_in_the_middle_makes_no_double_verdict(make_review: MakeReview) -> None:
    review = make_review(lease="2s")
    review.start()
    review.wait_ready()
    count, stop = 90, threading.Event()
    review.send_numbers(range(count))

    def work(name: str) -> None:
        with review.client(name) as api:
            while not stop.is_set():
                try:
                    for request in api.post("/v1/next", json={"count": 3}).raise_for_status().json()["requests"]:
                        api.post("/v1/answers", json=answer(request))
                except httpx.HTTPError:
                    stop.wait(0.1)

    people = [threading.Thread(target=work, args=(name,)) for name in ("ada", "ben")]
    for person in people:
        person.start()
    try:
        for killed in range(2):
            eventually(lambda least=20 * (killed + 1): len(review.read("verdicts")) >= least, within_s=60)
            review.kill()
            review.start()
        found = verdicts_of(review, count, within_s=60)
    finally:
        stop.set()
        for person in people:
            person.join()

    assert found == Counter({f"streamid/0/{number}": 1 for number in range(count)})
    assert len(review.read("labels")) == count
    assert Counter(closed.closing for closed in review.read("evidence")) == Counter({"wrong": count})
    review.wait_ready()
    assert review.stop() == 0


@pytest.mark.parametrize("cluster", ["kafka", "embedded"], indirect=True)
def test_a_restarted_worker_knows_what_is_open_and_who_answered(make_review: MakeReview, redis_url: str) -> None:
    review = make_review(answers=2)
    review.start()
    review.wait_ready()
    review.send_numbers(range(6))
    with review.client("ada") as ada:
        for request in take_all(ada, 4):
            ada.post("/v1/answers", json=answer(request)).raise_for_status()
        eventually(lambda: ada.get("/v1/queue").json()["leased"] == 0, what="ada's answers being heard")
    assert review.stop() == 0
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
    review.start()
    review.wait_ready()
    with review.client("ada") as ada, review.client("ben") as ben:
        assert len(take_all(ada, 2)) == 2
        assert ada.post("/v1/next", json={"count": 5}).json()["requests"] == [], "four she has answered before"
        for request in take_all(ben, 6):
            ben.post("/v1/answers", json=answer(request)).raise_for_status()
    assert sum(verdicts_of(review, 4).values()) == 4
    assert {len(verdict.answers) for verdict in review.read("verdicts")} == {2}


def test_an_outside_system_answers_through_the_topic_alone(review: RunningReview) -> None:
    review.send_numbers([1])
    heard = [review_response(1, "mallory", label="ham"), review_response(1, "ada"), review_response(77, "ada")]
    review.send_responses(heard)

    assert verdicts_of(review, 1) == Counter({"streamid/0/1": 1})
    (dead,) = eventually(lambda: review.read("dead-letters"), what="the dead letter")
    assert (dead.error.code, dead.service) == ("unknown_request", "review")
    assert review.read("verdicts")[0].answers == {"ada": "spam"}


def test_two_workers_share_the_partitions_and_hand_them_over(make_review: MakeReview) -> None:
    review = make_review()
    for slot in ("0", "1"):
        review.start(slot)
        review.wait_ready(slot)
    review.send_numbers(range(20))
    with review.client("ada", "0") as api:
        first = take_all(api, 10)
        for request in first:
            api.post("/v1/answers", json=answer(request)).raise_for_status()
    assert review.stop("0") == 0
    with review.client("ada", "1") as api:
        for request in take_all(api, 10, within_s=40):
            api.post("/v1/answers", json=answer(request)).raise_for_status()
    assert verdicts_of(review, 20) == Counter({f"streamid/0/{number}": 1 for number in range(20)})


def test_an_undone_verdict_is_asked_again_of_the_same_person(review: RunningReview) -> None:
    review.send_numbers([1])
    with review.client("ada") as ada, review.client("ben") as ben:
        (request,) = take_all(ada, 1)
        ada.post("/v1/answers", json=answer(request)).raise_for_status()
        verdicts_of(review, 1)
        ada.post("/v1/answers", json=answer(request, "undo")).raise_for_status()
        (again,) = take_all(ada, 1)
        assert ben.post("/v1/next", json={"count": 1}).json() == {"requests": []}
        assert again["request_id"] == "streamid/0/1#2"
        assert again["record"] == request["record"]
        ada.post("/v1/answers", json=answer(again, label="ham")).raise_for_status()
    assert verdicts_of(review, 2) == Counter({"streamid/0/1": 1, "streamid/0/1#2": 1})
    assert [closed.closing for closed in review.read("evidence")] == ["wrong", "reopened", "right"]


def test_what_nobody_answers_expires(review: RunningReview) -> None:
    from datetime import UTC, datetime, timedelta

    review.send_numbers([1], expires_at=datetime.now(UTC) + timedelta(milliseconds=300))
    (unlabelled,) = eventually(lambda: review.read("unlabelled"), what="the expiry")
    assert (unlabelled.reason, unlabelled.record_id) == ("expired", "record-1")
