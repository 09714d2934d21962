"""The worst share of wrong labels in any stretch of so many released labels."""

from collections import deque

LENGTH = 2_000


class WorstWindow:
    """Sees the labels once, in order; memory is one window."""

    def __init__(self, length: int = LENGTH) -> None:
        self._length = length
        self._window: deque[bool] = deque()
        self._wrong = 0
        self._most = 0

    def add(self, *, wrong: bool) -> None:
        """The next label."""
        self._window.append(wrong)
        self._wrong += wrong
        if len(self._window) > self._length:
            self._wrong -= self._window.popleft()
        if len(self._window) == self._length:
            self._most = max(self._most, self._wrong)

    @property
    def current(self) -> float | None:
        """Over the newest labels, at most one window of them."""
        return self._wrong / len(self._window) if self._window else None

    @property
    def worst(self) -> float | None:
        """Over all labels when there are fewer than one window; None without any."""
        return self.current if len(self._window) < self._length else self._most / self._length
