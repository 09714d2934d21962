"""The dashboard's wiring: topics → board → page → everybody who watches.

Nothing is kept: after a restart the board is built anew from the beginning of the topics, and until
their end is reached the page says so and `/readyz` answers 503.
"""

import time

import structlog
from prometheus_client import CollectorRegistry
from pydantic import TypeAdapter

from winnow.dashboard.feed import Feed
from winnow.dashboard.figures import Page
from winnow.dashboard.hub import Hub
from winnow.dashboard.prometheus import BoardCollector
from winnow.dashboard.server import PageServer
from winnow.dashboard.settings import DashboardSettings
from winnow.runtime.admin import wait_for_broker
from winnow.runtime.errors import TransientError
from winnow.runtime.follower import Follower
from winnow.runtime.process import stop_event
from winnow.runtime.settings import Settings

_PAGE = TypeAdapter(Page)
_REBUILD_STEP_S = 1.0
_BROKER_WITHIN_S = 30.0
_log = structlog.get_logger(__name__)


def main(settings: Settings) -> int:
    """Run until the process is asked to end."""
    wait_for_broker(settings, _BROKER_WITHIN_S)
    own, feed, registry, figures = DashboardSettings(), Feed(settings.topics), CollectorRegistry(), BoardCollector()
    registry.register(figures)
    hub = Hub(own.pages, own.heartbeat_s)
    server = PageServer(
        settings.http.host, settings.http_port("dashboard"), hub, registry, is_ready=lambda: figures.is_complete
    )
    followed = [settings.topics["metrics"], settings.topics["drift-alarms"]]
    with Follower(settings, followed) as follower, server:
        _log.info("dashboard is open", address=server.address)
        _run(follower, feed, server, figures, own)
    return 0


def _run(follower: Follower, feed: Feed, server: PageServer, figures: BoardCollector, own: DashboardSettings) -> None:
    published = 0.0
    while not stop_event().wait(own.poll_s if feed.is_complete else 0.0):
        read(follower, feed)
        if feed.is_complete is not figures.is_complete or time.monotonic() - published >= own.publish_s:
            page = feed.page(time.time())
            server.publish(_PAGE.dump_json(page))
            figures.show(page)
            published = time.monotonic()


def read(follower: Follower, feed: Feed) -> None:
    """Take what there is; a broker that does not answer is asked again the next time."""
    try:
        if feed.is_complete:
            feed.take(follower.poll())
        else:
            _rebuild(follower, feed)
    except TransientError as error:
        _log.warning("metrics cannot be read now", error=str(error))


def _rebuild(follower: Follower, feed: Feed) -> None:
    """A step towards the end of the topic: a long history shows as it is read."""
    try:
        messages = follower.read_to_end(_REBUILD_STEP_S)
    except TransientError:
        feed.take(follower.poll())
    else:
        feed.take(messages)
        feed.complete()
