"""What Prometheus sees of a monitor; the figures of flow and gate come from the metrics topic."""

from prometheus_client import Gauge

_OFFSET = Gauge("winnow_monitor_evidence_offset", "Offset of the evidence counted last")
_LAG = Gauge("winnow_monitor_evidence_lag", "Evidence not counted yet (transaction markers included)")


def report(offset: int, end: int) -> None:
    """The evidence at `offset` was counted, and the topic ends at `end`."""
    _OFFSET.set(offset)
    _LAG.set(max(0, end - offset - 1))
