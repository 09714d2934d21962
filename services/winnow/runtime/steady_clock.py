"""Seconds that pass evenly, also while the machine sleeps: the loop's clock for time-outs."""

import time

_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def steady_now() -> float:
    """Seconds since some moment in the past; never goes back, does not stop while the machine sleeps."""
    return time.clock_gettime(_CLOCK)
