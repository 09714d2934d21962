"""The board as Prometheus reads it, taken anew at every scrape."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from winnow.dashboard.figures import Flow, Page, Reported

STATES = ("cold", "building", "probation", "auto", "suspended", "halted")


class BoardCollector(Collector):
    """Figures of the page shown last; before there is one, nothing."""

    def __init__(self) -> None:
        self._page: Page | None = None

    def show(self, page: Page) -> None:
        """Answer from this page from now on; pages do not change, so scrapes may run in another thread."""
        self._page = page

    @property
    def is_complete(self) -> bool:
        """Whether the page shown last is that of the whole topic."""
        return self._page is not None and self._page.reading.complete

    def collect(self) -> Iterator[Metric]:
        """What a scrape returns; what is not known is absent."""
        page = self._page
        if page is None:
            return
        yield _records(page.figures.flow)
        yield _state(page.figures.gate.state)
        yield from _gauges(page.figures)
        yield from _models(page.figures)
        yield _total("winnow_alarms", "Alarms that stopped the machine.", page.figures.gate.alarms)
        yield _total(
            "winnow_dashboard_unreadable", "Metrics messages that broke their contract.", page.reading.unreadable
        )


def _records(flow: Flow) -> Metric:
    outcomes = CounterMetricFamily("winnow_records", "Records by outcome, since the beginning.", labels=["outcome"])
    for outcome in ("auto", "review", "unlabelled", "dead"):
        outcomes.add_metric([outcome], getattr(flow, outcome))
    return outcomes


def _state(state: str | None) -> Metric:
    gauge = GaugeMetricFamily("winnow_gate_state", "1 for the state that the gate is in.", labels=["state"])
    for name in STATES if state is not None else ():
        gauge.add_metric([name], float(name == state))
    return gauge


def _gauges(figures: Reported) -> Iterator[Metric]:
    flow, gate, queue = figures.flow, figures.gate, figures.queue
    values = {
        "winnow_auto_share": ("Share of records that the machine labelled, since the beginning.", flow.auto_share),
        "winnow_auto_share_recent": ("The same over the last minute.", flow.recent_auto_share),
        "winnow_flow_missing": ("Records without an outcome: 0 when everything adds up.", flow.missing),
        "winnow_target": ("Error that must not be exceeded.", gate.target),
        "winnow_error_estimate": ("Estimated error of the machine's labels.", gate.error_estimate),
        "winnow_error_bound": ("Proven upper bound on the error of the released labels.", gate.error_at_most),
        "winnow_released_labels": ("Released labels of the machine.", gate.released),
        "winnow_audit_rate": ("Share of the machine's labels that people check blind.", gate.audit_rate),
        "winnow_review_share": ("Share of the records that people are asked about at most.", gate.review_share),
        "winnow_policy_version": ("Version of the policy in force.", gate.policy_version),
        "winnow_epoch": ("Epoch in force.", gate.epoch),
        "winnow_monitor_lag": ("Pieces of evidence that the monitor has not folded yet.", gate.lag),
        "winnow_queue_open": ("Records that wait for people.", queue.open),
        "winnow_queue_leased": ("Records that people have in hand.", queue.leased),
        "winnow_queue_oldest_seconds": ("Age of the oldest waiting record.", queue.oldest_s),
        "winnow_records_per_second": ("Records decided per second.", figures.records_per_second),
        "winnow_model_version": ("Newest version of the champion.", figures.learner.version),
        "winnow_answer_to_model_p50_seconds": ("Median time from answer to model in use.", figures.delay.median_s),
        "winnow_answer_to_model_p95_seconds": ("95 % of the answers are in use so fast.", figures.delay.p95_s),
    }
    for name, (meaning, value) in values.items():
        if value is not None:
            yield GaugeMetricFamily(name, meaning, value=value)


def _models(figures: Reported) -> Iterator[Metric]:
    accuracy = GaugeMetricFamily("winnow_model_accuracy", "Accuracy before learning, by model.", labels=["model"])
    for model, value in figures.learner.accuracy.items():
        accuracy.add_metric([model], value)
    threshold = GaugeMetricFamily("winnow_threshold", "Top probability above which it may label.", labels=["label"])
    for label, value in figures.gate.thresholds.items():
        threshold.add_metric([label], value)
    scorers = GaugeMetricFamily("winnow_scorer_model_version", "Version each scorer uses.", labels=["source"])
    for scorer in figures.scorers:
        if scorer.model_version is not None and not scorer.silent:
            scorers.add_metric([scorer.source], scorer.model_version)
    yield from (accuracy, threshold, scorers)


def _total(name: str, meaning: str, value: float) -> Metric:
    return CounterMetricFamily(name, meaning, value=value)
