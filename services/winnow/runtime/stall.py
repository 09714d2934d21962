"""Notices that this process did not run for a while (stopped, swapped out, machine asleep).

Such a process may have lost its partitions without knowing, and a broker without fencing would
let it commit. A thread beats while the process runs; a long silence between two beats (or since
the last one, for whoever wakes up first) is a stall. A handler that is merely slow goes on
beating: its membership is kept alive by the client's own thread.
"""

import threading


class StallCheck:
    """Stalled when `limit_s` passed without a beat since the last look at the broker."""

    def __init__(self, limit_s: float, now: float) -> None:
        self._limit_s = limit_s
        self._last_beat = now
        self._longest = 0.0
        self._lock = threading.Lock()

    def beat(self, now: float) -> None:
        """The process runs."""
        with self._lock:
            self._longest = max(self._longest, now - self._last_beat)
            self._last_beat = now

    def looking(self, now: float) -> None:
        """The broker is asked now: it will tell what was lost before."""
        with self._lock:
            self._longest = 0.0
            self._last_beat = now

    def stalled(self, now: float) -> bool:
        """Whether the process may have lost its partitions unawares."""
        with self._lock:
            return max(self._longest, now - self._last_beat) > self._limit_s
