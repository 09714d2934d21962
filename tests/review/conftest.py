"""A review deployment for each test that asks for one."""

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import MakeSettings
from tests.review.running_review import RunningReview
from tests.support.chromium import running_chromium
from tests.support.redis_server import RedisServer

from winnow.runtime.settings import Settings

MakeReview = Callable[..., RunningReview]


@pytest.fixture
def make_review(make_settings: MakeSettings, redis_url: str, tmp_path: Path) -> Iterator[MakeReview]:
    """Makes a deployment with the given rules of review; no worker runs yet."""
    made: list[RunningReview] = []

    def make(**review: Any) -> RunningReview:
        settings = make_settings(redis={"url": redis_url}, partitions=2)
        made.append(RunningReview(settings, tmp_path, **review))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture(scope="session")
def shared_review(
    kafka: str, redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningReview]:
    settings = Settings(
        prefix=f"shared{secrets.token_hex(4)}",
        partitions=2,
        kafka={"bootstrap_servers": kafka},
        redis={"url": redis_server.url},
        secrets={"salt": "a salt for tests"},
    )
    running = RunningReview(settings, tmp_path_factory.mktemp("review"))
    running.start()
    yield running
    running.close()


@pytest.fixture
def desk(shared_review: RunningReview) -> Iterator[RunningReview]:
    """A review service shared by many tests, with nothing in its queue at the start of each."""
    shared_review.wait_ready()
    yield shared_review
    shared_review.wait_ready()
    shared_review.close_everything()


@pytest.fixture
def review(make_review: MakeReview) -> RunningReview:
    """A deployment whose only worker is ready."""
    running = make_review()
    running.start()
    running.wait_ready()
    return running


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    yield from running_chromium()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1100, "height": 850})
    opened = context.new_page()
    opened.set_default_timeout(10_000)
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on(
        "console", lambda message: complaints.append(message.text) if "Content Security" in message.text else None
    )
    yield opened
    context.close()
    assert complaints == []
