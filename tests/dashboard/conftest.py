"""A dashboard of one's own: a process over a metrics topic that the test fills."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conftest import MakeSettings
from tests.dashboard.running_dashboard import RunningDashboard
from tests.support.kafka_topics import make_topic


@pytest.fixture
def dashboard(make_settings: MakeSettings, tmp_path: Path) -> Iterator[RunningDashboard]:
    settings = make_settings()
    for name in ("metrics", "drift-alarms"):
        make_topic(settings.bootstrap_servers, settings.topics[name])
    with RunningDashboard(settings, tmp_path) as running:
        yield running
