"""Waiting for a condition with a deadline: the tests' only way to wait."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(condition: Callable[[], T], *, within_s: float = 30.0, what: str = "the condition") -> T:
    """The first true value of `condition`; fails when it has not come `within_s` seconds."""
    deadline = time.monotonic() + within_s
    while True:
        if value := condition():
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come true within {within_s:g} s; last: {value!r}")
        time.sleep(0.02)
