"""What the review service tells of itself: the `queue` family of metrics, and the same for Prometheus."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Protocol

from prometheus_client import Counter as PrometheusCounter
from prometheus_client import Gauge

from winnow.review.known_reviewers import KnownReviewers
from winnow.review.open_requests import OpenRequests
from winnow.runtime.messages import Outgoing
from winnow.runtime.metrics import MetricsWindow

ACTIVE_S = 600.0
JUDGED_EVERY_S = 5.0
COUNTED = (
    "answered",
    "expired",
    "skipped",
    "ignored",
    "dead",
    "lost",
    "undo",
    "put_back",
    "recalled",
    "disputed",
    "added",
    "gold",
)

_EVENTS = PrometheusCounter("winnow_review_events", "What became of requests and responses", ["event"])
_OPEN = Gauge("winnow_review_open", "Open requests of this worker")
_OPEN_RECALLED = Gauge("winnow_review_open_recalled", "Of these, requests about labels that were taken back")
_RECALLS_WAITING = Gauge("winnow_review_recalls_waiting", "Withdrawn labels found that have no recall yet")
_LEASED = Gauge("winnow_review_leased", "Requests in reviewers' hands, in the whole deployment")
_OLDEST = Gauge("winnow_review_oldest_seconds", "How long the oldest open request has waited")


class Watch(Protocol):
    """Looks at the open queue (`queue_watch`)."""

    @property
    def leased(self) -> int: ...

    def look(self, tables: Mapping[int, OpenRequests], now: float) -> None: ...


class QueueFigures:
    """Counts what is committed, once."""

    def __init__(self, window: MetricsWindow, watch: Watch, people: KnownReviewers) -> None:
        self._window = window
        self._watch = watch
        self._people = people
        self._judged_at = 0.0
        self._active: dict[str, float] = {}
        self._pending: Counter[str] = Counter()
        self._last_commit = window.snapshot()

    def due(
        self,
        events: Counter[str],
        reviewers: Mapping[str, int],
        tables: Mapping[int, OpenRequests],
        recalls_waiting: int,
        now: float,
    ) -> Sequence[Outgoing]:
        """Take in what a batch came to; the messages to send with it."""
        for name in COUNTED:
            self._window.add(name, events[name])
        self._pending += events
        self._active.update(dict.fromkeys(reviewers, now))
        if reviewers:
            self._window.add_parts("answers_by", dict(reviewers))
        self._watch.look(tables, now)
        self._set_gauges(tables, now)
        if 0 in tables and not 0 <= now - self._judged_at < JUDGED_EVERY_S:
            self._judged_at = now
            self._set_standings()
        self._window.set("recalls_waiting", recalls_waiting)
        _RECALLS_WAITING.set(recalls_waiting)
        return self._window.due(now)

    def committed(self) -> None:
        """What was taken in counts."""
        self._last_commit = self._window.snapshot()
        for event, number in self._pending.items():
            _EVENTS.labels(event).inc(number)
        self._pending.clear()

    def aborted(self) -> None:
        """What was taken in since the last commit does not count."""
        self._window.restore(self._last_commit)
        self._pending.clear()

    def _set_standings(self) -> None:
        """How far people can be relied on: the same for the whole deployment, so one worker tells."""
        standings = self._people.standings()
        judged = {name: each for name, each in standings.items() if each.accuracy.judged}
        self._window.set("accuracy_of", {name: round(each.accuracy.estimate, 4) for name, each in judged.items()})
        self._window.set("gold_answers", sum(each.gold for each in standings.values()))
        self._window.set("gold_left", self._people.gold_left([*standings]))
        self._window.set("gold_right", sum(each.gold_right for each in standings.values()))
        self._window.set("compared", sum(each.compared for each in standings.values()))
        self._window.set("agreed", sum(each.agreed for each in standings.values()))
        self._window.set("needs_second", sum(self._people.needs_second(name) for name in standings))

    def _set_gauges(self, tables: Mapping[int, OpenRequests], now: float) -> None:
        self._active = {name: at for name, at in self._active.items() if now - at <= ACTIVE_S}
        number = sum(len(table) for table in tables.values())
        oldest = min((at for table in tables.values() if (at := table.oldest_written_at()) is not None), default=now)
        leased = self._watch.leased if 0 in tables else 0  # asked of the whole deployment: one worker tells
        recalled = sum(table.recalled for table in tables.values())
        self._window.set("open", number)
        self._window.set("open_recalled", recalled)
        self._window.set("leased", leased)
        self._window.set("oldest_s", round(max(0.0, now - oldest), 3))
        self._window.set("reviewers", len(self._active))
        _OPEN.set(number)
        _OPEN_RECALLED.set(recalled)
        _LEASED.set(leased)
        _OLDEST.set(max(0.0, now - oldest))
