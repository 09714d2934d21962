"""The newest metrics of each service, and how long answers took to reach the model."""

from collections.abc import Iterable
from typing import Self

from winnow.cli.topic_reader import TopicReader
from winnow.runtime.messages import Incoming
from winnow.runtime.settings import Settings
from winnow_schemas.codec import InvalidMessage, decode
from winnow_schemas.metrics import Family, Metric, MetricValue


class MetricsBoard:
    """Pure fold of metrics messages: in each window of each source the highest sequence wins."""

    def __init__(self) -> None:
        self._newest: dict[tuple[str, str], Metric] = {}
        self._delays: dict[tuple[str, float], list[float]] = {}

    def take(self, messages: Iterable[Incoming]) -> None:
        """Fold in what was read; what is no metric is passed over."""
        for message in messages:
            try:
                metric = decode(Metric, message.value or b"")
            except InvalidMessage:
                continue
            self._note_delays(metric)
            known = self._newest.get((metric.family, metric.source))
            if known is None or _age(known) <= _age(metric):
                self._newest[metric.family, metric.source] = metric

    def of(self, family: Family) -> dict[str, dict[str, MetricValue]]:
        """Newest values by source."""
        return {source: metric.values for (found, source), metric in self._newest.items() if found == family}

    def value(self, family: Family, name: str) -> MetricValue | None:
        """One value of a family that has a single source."""
        return next((values[name] for values in self.of(family).values() if name in values), None)

    def answer_to_model_s(self) -> list[float]:
        """Seconds from an answer to the model that knows it, over all windows of all scorers."""
        return [delay for delays in self._delays.values() for delay in delays]

    def _note_delays(self, metric: Metric) -> None:
        delays = metric.values.get("answer_to_model_s")
        if metric.family == "scorer" and isinstance(delays, list):
            self._delays[metric.source, metric.window.start.timestamp()] = delays


def _age(metric: Metric) -> tuple[float, int]:
    return metric.window.start.timestamp(), metric.sequence


class MetricsFeed:
    """A board that follows the topic from its beginning."""

    def __init__(self, settings: Settings) -> None:
        self._reader = TopicReader(settings, (settings.topics["metrics"],), "beginning")
        self.board = MetricsBoard()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._reader.__exit__()

    def poll(self) -> None:
        """Take in what is there, without waiting."""
        self.board.take(self._reader.poll(0.0))
