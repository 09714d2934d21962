"""Whole deployments on a real Kafka."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import MakeSettings
from tests.support.deployment import Deployment, deploy

Deploy = Callable[..., Deployment]


@pytest.fixture
def deployment_of(make_settings: MakeSettings, redis_url: str, tmp_path: Path) -> Iterator[Deploy]:
    """Makes a deployment of a task; its services end with the test."""
    made: list[Deployment] = []

    def make(task: Mapping[str, Any], **settings: Any) -> Deployment:
        made.append(deploy(make_settings(redis={"url": redis_url}, **settings), tmp_path, task))
        return made[-1]

    yield make
    for deployment in made:
        deployment.close()
