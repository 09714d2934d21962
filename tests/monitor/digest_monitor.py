"""The monitor around the digest in place of the risk logic: `python -m tests.monitor.digest_monitor`."""

from contextlib import closing

from tests.monitor.digest_risk import WINDOW, DigestRisk

from winnow.monitor.evidence_topic import look
from winnow.monitor.faust_run import run
from winnow.monitor.handler import EvidenceHandler
from winnow.monitor.published import Published
from winnow.monitor.published_topics import PublishedTopics
from winnow.monitor.settings import MonitorPolicy
from winnow.monitor.wiring import Wiring
from winnow.runtime.process import run_service, stop_event
from winnow.runtime.settings import Settings


def digest_handler(settings: Settings, published: Published) -> EvidenceHandler:
    return EvidenceHandler(DigestRisk(), published, settings.topics, most_ahead=WINDOW // 2)


def main(settings: Settings) -> int:
    with closing(PublishedTopics(settings)) as published:
        wiring = Wiring(
            evidence_topic=lambda: look(settings),
            read_published=published.read,
            make_fold=lambda out: digest_handler(settings, out),
            stalled=lambda: False,
            recovered=lambda: None,
            progress=lambda: None,
            ready=lambda _: None,
        )
        run(settings, MonitorPolicy.of(settings.kafka), wiring, stop_event())
    return 0


if __name__ == "__main__":
    run_service("monitor", main)
