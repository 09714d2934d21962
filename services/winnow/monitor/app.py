"""Wires the monitor: the fold, what is published already, health, the watchdog, and Faust around it."""

from contextlib import closing

from winnow.core.risk import RiskMonitor
from winnow.monitor.evidence_topic import look
from winnow.monitor.faust_logs import quieten_faust
from winnow.monitor.faust_run import run
from winnow.monitor.handler import SERVICE, EvidenceHandler
from winnow.monitor.published import Published
from winnow.monitor.published_topics import PublishedTopics
from winnow.monitor.settings import MonitorPolicy
from winnow.monitor.wiring import Wiring
from winnow.runtime.admin import require_topics
from winnow.runtime.health import HealthServer
from winnow.runtime.process import stop_event
from winnow.runtime.settings import Settings
from winnow.runtime.stall import StallCheck
from winnow.runtime.steady_clock import steady_now
from winnow.runtime.watchdog import Watchdog

_BROKER_WITHIN_S = 30.0


def main(settings: Settings) -> int:
    """Run until told to stop."""
    policy = MonitorPolicy.of(settings.kafka)
    quieten_faust()
    stall = StallCheck(policy.stall_share * policy.session_timeout_s, steady_now())
    with (
        HealthServer(SERVICE, settings.http.host, settings.http_port(SERVICE)) as health,
        closing(PublishedTopics(settings)) as published,
    ):
        require_topics(settings, _BROKER_WITHIN_S)
        published.read()  # now, so that the rest is quickly read when Faust is ready
        with Watchdog(policy.idle_limit_s, stall) as watchdog:
            wiring = Wiring(
                evidence_topic=lambda: look(settings),
                read_published=published.read,
                make_fold=lambda out: make_handler(settings, out, policy.most_ahead),
                stalled=lambda: stall.stalled(steady_now()),
                recovered=lambda: stall.looking(steady_now()),
                progress=watchdog.progress,
                ready=health.ready,
            )
            run(settings, policy, wiring, stop_event())
    return 0


def make_handler(settings: Settings, published: Published, most_ahead: int) -> EvidenceHandler:
    """The fold with this deployment's task, at its beginning."""
    risk = RiskMonitor(settings.task, settings.salt_id, settings.partitions)
    return EvidenceHandler(risk, published, settings.topics, min(most_ahead, risk.settings.window // 2))
