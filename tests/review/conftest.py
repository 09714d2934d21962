"""A review deployment for each test that asks for one."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import MakeSettings
from tests.review.running_review import RunningReview

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


@pytest.fixture
def review(make_review: MakeReview) -> RunningReview:
    """A deployment whose only worker is ready."""
    running = make_review()
    running.start()
    running.wait_ready()
    return running
