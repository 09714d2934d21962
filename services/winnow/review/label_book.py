"""The labels that reviewers may pick: the task's, and where it allows it those that reviewers added.

An added label is known once somebody gave it here, or once a model that learned it was seen to score it;
so it comes back after a restart. At most `MOST_ADDED` of them are offered: a page must stay a page.
"""

import threading
from collections.abc import Iterable

MOST_ADDED = 500


class LabelBook:
    """Shared by the loop and the API's threads."""

    def __init__(self, labels: tuple[str, ...], *, open_labels: bool) -> None:
        self._labels = dict.fromkeys(labels)
        self._most = len(labels) + (MOST_ADDED if open_labels else 0)
        self._lock = threading.Lock()

    def saw(self, labels: Iterable[str]) -> None:
        """Take in labels that were given or scored."""
        with self._lock:
            for label in labels:
                if len(self._labels) < self._most:
                    self._labels.setdefault(label)

    def labels(self) -> tuple[str, ...]:
        """The task's in its order, then the added ones as they came."""
        with self._lock:
            return tuple(self._labels)
