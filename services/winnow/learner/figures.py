"""Figures about the learner: the family `learner` on the metrics topic, and the same for Prometheus."""

from collections import Counter

import structlog
from prometheus_client import Counter as PrometheusCounter
from prometheus_client import Gauge, Histogram

from winnow.core.school import Classroom
from winnow.runtime.messages import Outgoing
from winnow.runtime.metrics import MetricsWindow

_log = structlog.get_logger(__name__)

_LEARNED = PrometheusCounter("winnow_learner_verdicts", "Verdicts learned since the process began")
_DEAD = PrometheusCounter("winnow_learner_dead_letters", "Verdicts that broke their contract or have an unknown label")
_VERSION = Gauge("winnow_learner_version", "Verdict offset up to which a model has learned", ["model"])
_ACCURACY = Gauge("winnow_learner_accuracy", "Share predicted right before it was learned", ["model"])
_LOG_LOSS = Gauge("winnow_learner_log_loss", "Mean log loss before learning", ["model"])
_WITHHELD = Gauge("winnow_learner_withheld", "1 while newer versions of the champion are not given out")
_PUBLISH = Histogram("winnow_learner_publish_seconds", "Time to make a snapshot of the champion")


class Figures:
    """What was learned, how well it was predicted before, and how long snapshots take."""

    def __init__(self, window: MetricsWindow) -> None:
        self._window = window
        self._told_full: set[str] = set()
        self._shown: set[str] = set()
        self._left_out: Counter[str] = Counter()
        for name in ("learned", "dead", "doubted"):
            window.add(name, 0)

    def learned(self) -> None:
        """One verdict."""
        self._window.add("learned")
        _LEARNED.inc()

    def died(self) -> None:
        """One verdict that nobody can learn."""
        self._window.add("dead")
        _DEAD.inc()

    def doubted(self) -> None:
        """One verdict that looks wrong."""
        self._window.add("doubted")

    def left_out(self, label: str) -> None:
        """One verdict on a former label of the task."""
        self._left_out[label] += 1
        self._window.set("left_out", {name: float(count) for name, count in self._left_out.items()})
        if self._left_out[label] == 1:
            _log.info("verdicts_left_out", label=label, why="former_labels in the task file says so")

    def published(self, took_s: float) -> None:
        """The champion's snapshot."""
        self._window.set("publish_ms", 1000 * took_s)
        _PUBLISH.observe(took_s)

    def due(self, room: Classroom, now: float) -> list[Outgoing]:
        """The messages to send now."""
        self._describe(room)
        return self._window.due(now)

    def _describe(self, room: Classroom) -> None:
        students = list(room.students.values())
        figures = {student.name: student.prequential.figures() for student in students}
        for figure, gauge in (("accuracy", _ACCURACY), ("log_loss", _LOG_LOSS)):
            by_model = {name: values[figure] for name, values in figures.items() if figure in values}
            self._window.set(figure, by_model)
            for name, value in by_model.items():
                gauge.labels(name).set(value)
        self._forget(self._shown - figures.keys())
        self._shown = {name for name, values in figures.items() if "accuracy" in values}
        self._window.set("version", room.champion.next_offset)
        self._window.set("champion", room.champion.name)
        self._window.set("withheld", int(room.guard.withholding))
        _WITHHELD.set(room.guard.withholding)
        self._window.set("unlearnable", {student.name: float(student.unlearnable) for student in students})
        self._window.set("full", {student.name: float(student.model.full) for student in students})
        for student in students:
            if student.model.full and student.name not in self._told_full:
                self._told_full.add(student.name)
                _log.warning("model_full", name=student.name, why="new words, categories or splits are left out now")
            _VERSION.labels(student.name).set(student.next_offset)

    @staticmethod
    def _forget(gone: set[str]) -> None:
        """Candidates that have left the search have no figures any more."""
        for name in gone:
            for gauge in (_ACCURACY, _LOG_LOSS, _VERSION):
                gauge.remove(name)
