"""Waiting in lock-step: thousands of times for something that is there in a millisecond."""

import time
from collections.abc import Callable

WITHIN_S = 60.0
_PAUSE_S = 0.0005


def promptly(condition: Callable[[], object], what: str) -> None:
    """Until the condition is true; fails when that takes too long."""
    deadline = time.monotonic() + WITHIN_S
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not come within {WITHIN_S:g} s"
        time.sleep(_PAUSE_S)
