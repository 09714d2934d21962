"""Crowds of reviewers at the real service: the long forms, run by `make faults`."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
import redis
import yaml
from tests.conftest import MakeSettings
from tests.review.conftest import MakeReview
from tests.review.crowd import Crowd
from tests.review.running_review import RunningReview, token_of
from tests.support.deployment import Deployment, deploy
from tests.support.waiting import eventually

from winnow.review.reviewers import token_hash
from winnow_schemas.codec import decode
from winnow_schemas.verdicts import Verdict

pytestmark = [pytest.mark.faults, pytest.mark.kafka]

TASK = {"task": "spam", "labels": ["ham", "spam"], "input": {"text": True}}
PEOPLE = [f"reviewer {number}" for number in range(50)]
LEASE_S = 5.0


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """A line for whoever runs `make faults`."""
    reporter = request.config.pluginmanager.get_plugin("terminalreporter")
    return lambda text: reporter.write_line(f" {text}") if reporter else None


@pytest.fixture
def deployment(make_settings: MakeSettings, redis_url: str, tmp_path: Path) -> Iterator[Deployment]:
    """A scorer that has learned nothing yet, so that people get everything, and a desk with fifty of them."""
    settings = make_settings(redis={"url": redis_url}, partitions=2)
    made = deploy(settings, tmp_path, TASK | {"review": {"lease": f"{LEASE_S:g}s"}})
    entries = [{"name": name, "role": "reviewer", "token_sha256": token_hash(token_of(name))} for name in PEOPLE]
    assert made.settings.review.reviewers_file is not None
    made.settings.review.reviewers_file.write_text(yaml.safe_dump(entries))
    yield made
    made.close()


@pytest.mark.timeout(1_800)
def test_fifty_people_of_whom_many_walk_away_review_ten_thousand_records_once_each(
    deployment: Deployment, tell: Callable[[str], None]
) -> None:
    count, services = 10_000, ("scorer", "review")
    for service in services:
        deployment.start(service)
    deployment.wait_ready(*services)
    names = [f"record-{number}" for number in range(count)]
    deployment.send(
        "records", ((name.encode(), f'{{"id": "{name}", "text": "text of {name}"}}'.encode()) for name in names)
    )
    with Crowd(deployment.address("review"), PEOPLE, abandoned_share=0.2) as crowd:
        eventually(lambda: len(set(crowd.taken.values())) == count, within_s=1_200, what="an answer to every record")

    eventually(lambda: deployment.count("verdicts") >= count, within_s=60, what="all verdicts")
    verdicts = Counter(decode(Verdict, message.value).record["id"] for message in deployment.read("verdicts"))
    assert verdicts == Counter(names)
    account = deployment.verify()
    assert (account["records"], account["human"], account["problems"]) == (count, count, 0)
    late = crowd.late(LEASE_S)
    tell(f"{len(late):,} lapsed leases were offered again, the last of them {max(late):.2f} s after it lapsed")
    assert len(late) > count / 10
    assert max(late) <= 1.0, "a lapsed lease is offered again within a second"
    for service in services:
        assert deployment.stop(service) == 0, deployment.said(service)


@pytest.mark.timeout(900)
def test_a_flushed_redis_knows_a_hundred_thousand_requests_again_and_no_answer_is_lost(
    make_review: MakeReview, redis_url: str, tell: Callable[[str], None]
) -> None:
    count = 100_000
    review = make_review()
    review.start()
    review.wait_ready()
    review.send_numbers(range(count))
    with review.client() as api, Crowd(review.url(), ["ben", "eve"]) as crowd:
        eventually(lambda: _open(api) > count * 0.9, within_s=300, what="the queue")
        eventually(lambda: len(crowd.taken) > 100, within_s=60, what="people at work")
        given_before = len(crowd.taken)
        with redis.Redis.from_url(redis_url) as client:
            client.flushall()
        flushed = time.monotonic()
        eventually(lambda: _open(api) >= count - len(crowd.taken) - 50, within_s=120, what="the queue's return")
        took = time.monotonic() - flushed
        given_meanwhile = len(crowd.taken) - given_before
        eventually(lambda: len(crowd.taken) > given_before + given_meanwhile + 50, within_s=60, what="it going on")

    tell(f"the queue was back {took:.1f} s after the flush; {given_meanwhile:,} answers came meanwhile")
    assert given_meanwhile > 0
    assert took <= 30.0, "the queue is back"
    _every_answer_counts_once(review, crowd)


def _open(api: httpx.Client) -> int:
    return int(api.get("/v1/queue").json()["open"])


def _every_answer_counts_once(review: RunningReview, crowd: Crowd) -> None:
    answered = set(crowd.taken.values())
    eventually(lambda: len(review.read("verdicts")) >= len(answered), within_s=60, what="all verdicts")
    verdicts: Counter[str] = Counter(verdict.record["id"] for verdict in review.read("verdicts"))
    assert set(verdicts) >= answered
    assert set(verdicts.values()) == {1}
    assert Counter(label.record_id for label in review.read("labels")) == verdicts
