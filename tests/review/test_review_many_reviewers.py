"""Many reviewers at once, of whom every fifth walks away from what was leased to them."""

import random
import threading
import time
from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise

import httpx
import pytest
import redis
from tests.review.conftest import MakeReview
from tests.review.review_kafka import ReviewKafka, review_rules
from tests.review.review_messages import review_request, review_response
from tests.review.running_review import RunningReview, answer
from tests.support.waiting import eventually

from winnow.review.queue_feed import RedisFeed
from winnow.review.redis_queue import RedisQueue
from winnow_schemas.codec import decode
from winnow_schemas.verdicts import Verdict

ABANDONED = 0.2


def test_fifty_reviewers_of_whom_many_walk_away_answer_everything_once(redis_url: str, prefix: str) -> None:
    people, count, chance = [f"reviewer {number}" for number in range(50)], 300, random.Random(7)
    kafka = ReviewKafka(review_rules(), reviewers=people)
    queue = RedisQueue(redis.Redis.from_url(redis_url), prefix, timedelta(milliseconds=300))
    feed = RedisFeed(queue, kafka.rules.answer_rule)
    for number in range(count):
        kafka.request(review_request(number))
    held: dict[str, float] = {}
    abandoned: set[str] = set()
    shown = 0

    def turn() -> int:
        nonlocal shown
        kafka.turn(requests=count)
        changes, shown = kafka.queue.changes[shown:], len(kafka.queue.changes)
        feed.publish(changes)
        return len(kafka.queue.tables[0])

    def work() -> bool:
        name = chance.choice(people)
        for lease in queue.next(name, 3):
            began = lease.lapses_at - 0.3
            assert held.get(lease.request_id, 0.0) <= began + 0.001, "leased to two at once"
            held[lease.request_id] = lease.lapses_at
            if chance.random() < ABANDONED:
                abandoned.add(lease.request_id)
            elif not isinstance(queue.hold(name, lease.request_id, "take"), str):
                kafka.response(review_response(lease.offset, name))
        return chance.random() < 0.2 and turn() == 0

    turn()
    eventually(work, within_s=60, what="all requests being closed")
    verdicts = Counter(decode(Verdict, message.value).request_id for message in kafka.of("verdicts"))
    assert verdicts == Counter({f"streamid/0/{number}": 1 for number in range(count)})
    assert len(abandoned) > 20


@pytest.mark.faults
@pytest.mark.kafka
@pytest.mark.timeout(1_800)
def test_ten_thousand_requests_and_fifty_reviewers_on_the_real_service(make_review: MakeReview) -> None:
    people, count, lease_s = [f"reviewer {number}" for number in range(50)], 10_000, 5.0
    review = make_review(lease=f"{lease_s:g}s")
    review.write_reviewers(*people)
    review.start()
    review.wait_ready()
    review.send_numbers(range(count))
    offers: dict[str, list[tuple[float, float]]] = {}
    lock, stop = threading.Lock(), threading.Event()
    threads = [threading.Thread(target=_review, args=(review, name, offers, lock, stop)) for name in people]
    for thread in threads:
        thread.start()
    try:
        verdicts = eventually(
            lambda: them if len(them := review.read("verdicts")) >= count else None, within_s=1_500, what="all verdicts"
        )
    finally:
        stop.set()
        for thread in threads:
            thread.join()

    assert Counter(verdict.request_id for verdict in verdicts) == Counter({f"streamid/0/{n}": 1 for n in range(count)})
    assert len(review.read("labels")) == count
    again = [later[0] - first[1] for each in offers.values() for first, later in pairwise(each)]
    assert len(again) > count * ABANDONED / 2
    assert max(again) <= 1.0, "a lapsed lease is offered again within a second"


def _review(
    review: RunningReview,
    name: str,
    offers: dict[str, list[tuple[float, float]]],
    lock: threading.Lock,
    stop: threading.Event,
) -> None:
    """Take, answer four of five, walk away from the fifth; note when each was offered and until when."""
    chance = random.Random(name)
    with review.client(name) as api:
        while not stop.is_set():
            try:
                given = api.post("/v1/next", json={"count": 2}).raise_for_status().json()["requests"]
            except httpx.HTTPError:
                stop.wait(0.2)
                continue
            now = time.time()
            for request in given:
                lapses = datetime.fromisoformat(request["lease_expires_at"]).timestamp()
                with lock:
                    offers.setdefault(request["request_id"], []).append((now, lapses))
                if chance.random() >= ABANDONED:
                    api.post("/v1/answers", json=answer(request, response_id=f"{name} {request['request_id']}"))
            stop.wait(0.0 if given else 0.05)
