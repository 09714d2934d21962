"""Reads what the monitor has published; once whole, afterwards only what came since."""

import threading

from winnow.monitor.published import TOPICS, Published
from winnow.runtime.follower import Follower
from winnow.runtime.settings import Settings

_WITHIN_S = 60.0


class PublishedTopics:
    """May be called from any thread. `close` it in the end."""

    def __init__(self, settings: Settings) -> None:
        self._follower = Follower(settings, [settings.topics[name] for name in TOPICS])
        self._published = Published(settings.task.task, settings.topics)
        self._lock = threading.Lock()

    def read(self) -> Published:
        """Everything that is out now; raises `TransientError` and `InvalidMessage`."""
        with self._lock:
            self._published.read(self._follower.read_to_end(_WITHIN_S))
            return self._published.copy()

    def close(self) -> None:
        """Give the connections back."""
        self._follower.close()
