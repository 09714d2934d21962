"""Messages of the topics onto the board; what cannot be read is counted and passed over."""

from collections.abc import Iterable

import structlog

from winnow.dashboard.alarm_log import AlarmLog
from winnow.dashboard.board import Board
from winnow.dashboard.figures import Page, Reading
from winnow.dashboard.report import report
from winnow.dashboard.words import words
from winnow.runtime.messages import Incoming
from winnow_schemas.codec import InvalidMessage, decode
from winnow_schemas.drift_alarms import DriftAlarm
from winnow_schemas.metrics import Metric
from winnow_schemas.topics import Topics

_log = structlog.get_logger(__name__)


class Feed:
    """What was read so far. `complete` is told once the topics were read to their ends."""

    def __init__(self, topics: Topics, board: Board | None = None) -> None:
        self._alarms_topic = topics["drift-alarms"]
        self._board = board or Board()
        self._alarms = AlarmLog()
        self._news_at: float | None = None
        self._unreadable = 0
        self._complete = False

    @property
    def is_complete(self) -> bool:
        """Whether the board is that of the whole topics."""
        return self._complete

    def take(self, messages: Iterable[Incoming]) -> None:
        """Fold messages in; their position is logged when they break the contract, never their content."""
        for message in messages:
            try:
                self._take(message)
            except InvalidMessage as wrong:
                self._unreadable += 1
                position = f"{message.topic}/{message.partition}/{message.offset}"
                _log.warning("message passed over", position=position, error=wrong.code)

    def complete(self) -> None:
        """The end of the topics was reached."""
        self._complete = True

    def page(self, now: float) -> Page:
        """The page as of `now`."""
        reading = Reading(now, self._news_at, self._complete, self._unreadable)
        figures = report(self._board, now, self._alarms.newest_first())
        return Page(reading, figures, words(figures, reading))

    def _take(self, message: Incoming) -> None:
        if message.topic == self._alarms_topic:
            self._alarms.take(decode(DriftAlarm, message.value))  # type: ignore[arg-type]
            return
        self._board.fold(decode(Metric, message.value))  # type: ignore[arg-type]
        self._news_at = max(self._news_at or message.timestamp, message.timestamp)
