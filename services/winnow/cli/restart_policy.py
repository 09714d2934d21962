"""When a service that ended is started again, and when there is no use in it. Pure: told `now`."""

from dataclasses import dataclass

WRONG_USAGE = 2


@dataclass(frozen=True)
class RestartPolicy:
    """Waits `first_s`, doubling up to `longest_s`; a run of `healthy_s` forgets the failures before.

    After `most_failures` in a row (None: never) the service is given up, and at once when it says
    that it was used wrongly (exit code 2): starting it again would change nothing.
    """

    first_s: float = 0.5
    longest_s: float = 30.0
    healthy_s: float = 30.0
    most_failures: int | None = None


@dataclass(frozen=True)
class StartAgain:
    """Start it at `at`."""

    at: float


@dataclass(frozen=True)
class GiveUp:
    """Leave it, and say why."""

    why: str


class RestartPlan:
    """The history of one service's runs."""

    def __init__(self, policy: RestartPolicy) -> None:
        self._policy = policy
        self._failures = 0
        self._started = 0.0

    def started(self, now: float) -> None:
        """A run began."""
        self._started = now

    def ended(self, exit_code: int, now: float) -> StartAgain | GiveUp:
        """A run ended without anybody having asked for it."""
        if exit_code == WRONG_USAGE:
            return GiveUp("its settings are wrong")
        if now - self._started >= self._policy.healthy_s:
            self._failures = 0
        self._failures += 1
        most = self._policy.most_failures
        if most is not None and self._failures > most:
            return GiveUp(f"it ended {self._failures} times in a row")
        wait = self._policy.first_s * 2 ** min(self._failures - 1, 30)
        return StartAgain(now + min(wait, self._policy.longest_s))
