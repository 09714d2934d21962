"""Ends a process that makes no progress, so that another one may."""

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from winnow.runtime.stall import StallCheck
from winnow.runtime.steady_clock import steady_now

_BEAT_S = 0.25
_LONGEST_BEAT_S = 1.0


class Idle:
    """Counts running time without progress; time in which the process was stopped does not count."""

    def __init__(self, limit_s: float, now: float) -> None:
        self._limit_s = limit_s
        self._last_beat = now
        self._idle_s = 0.0

    def progress(self) -> None:
        """Something got done."""
        self._idle_s = 0.0

    def beat(self, now: float) -> bool:
        """Called while the process runs; True when nothing got done for too long."""
        self._idle_s += min(now - self._last_beat, _LONGEST_BEAT_S)
        self._last_beat = now
        return self._idle_s > self._limit_s


class Watchdog:
    """A thread that beats for the stall check and ends the process when the loop hangs."""

    def __init__(self, limit_s: float, stall: StallCheck, give_up: Callable[[], None] | None = None) -> None:
        self._idle = Idle(limit_s, steady_now())
        self._stall = stall
        self._give_up = give_up or _exit
        self._task: Idle | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def progress(self) -> None:
        """The loop went round."""
        self._idle.progress()

    @contextmanager
    def within(self, limit_s: float) -> Iterator[None]:
        """What is done inside must end in time, or the process ends."""
        self._task = Idle(limit_s, steady_now())
        try:
            yield
        finally:
            self._task = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(_BEAT_S):
            now = steady_now()
            self._stall.beat(now)
            task = self._task
            if self._idle.beat(now) or (task is not None and task.beat(now)):
                self._give_up()


def _exit() -> None:
    sys.stderr.write("winnow: the broker does not answer or the service hangs: exit for a restart\n")
    sys.stderr.flush()
    os._exit(1)
