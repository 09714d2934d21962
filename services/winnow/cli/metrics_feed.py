"""The newest metrics of each service, and how long answers took to reach the model."""

from collections.abc import Iterable, Sequence
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
        self._told: dict[str, list[float]] = {}
        self._delays: list[float] = []

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
        """Seconds from each answer to a model in use that has learned it, of all scorers, since the beginning."""
        return list(self._delays)

    def _note_delays(self, metric: Metric) -> None:
        newest = metric.values.get("answer_to_model_s")
        if metric.family == "scorer" and isinstance(newest, list):
            self._delays += newly_appended(self._told.get(metric.source, []), newest)
            self._told[metric.source] = newest


def newly_appended(before: Sequence[float], after: Sequence[float]) -> Sequence[float]:
    """What came to the end of a list that forgets at its front: the shortest addition that explains `after`."""
    for kept in range(min(len(before), len(after)), 0, -1):
        if before[-kept:] == after[:kept]:
            return after[kept:]
    return after


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
