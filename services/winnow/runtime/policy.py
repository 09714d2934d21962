"""How a loop behaves: its sizes, times and limits, frozen at the start."""

from dataclasses import dataclass, field
from typing import Literal

AssignmentStrategy = Literal["cooperative-sticky", "range"]


@dataclass(frozen=True, slots=True)
class Backoff:
    """Waits that double from `first_s` up to `longest_s`."""

    first_s: float
    longest_s: float

    def before(self, attempt: int) -> float:
        """Seconds to wait before the attempt of this number; the first retry is attempt 1."""
        return min(self.longest_s, self.first_s * 2.0 ** min(attempt - 1, 30))


@dataclass(frozen=True, slots=True)
class LoopPolicy:
    """Sizes in messages, times in seconds.

    A batch is one transaction: at most `batch_size` messages, gathered for at most `max_wait_s`;
    without messages the handler gets an empty batch every `tick_s`. With `range`, partitions of
    the same number of all topics belong to one worker, and are all taken away at once. All tries
    of one transaction together end within `transaction_s`, and aborting it within `abort_s`; both
    stay below the broker's transaction time-out: a worker that tries for longer holds up the whole
    group. With `leave_s` for leaving the group, a worker ends within 10 s of being asked to, even
    when the broker does not answer. After so many
    `aborts_in_a_row` the process is started anew. `session_share` of the session's time-out
    without a sign of life means that the process was stopped and must not commit.
    """

    batch_size: int = 500
    max_wait_s: float = 0.1
    tick_s: float = 1.0
    assignment_strategy: AssignmentStrategy = "cooperative-sticky"
    retries: Backoff = field(default=Backoff(0.02, 1.0))
    rereads: Backoff = field(default=Backoff(0.1, 5.0))
    transaction_s: float = 6.0
    abort_s: float = 2.5
    start_s: float = 40.0
    leave_s: float = 1.0
    aborts_in_a_row: int = 8
    session_share: float = 0.8
    watchdog_s: float = 60.0
    dead_share: float = 0.1
    dead_window: int = 10_000
    dead_at_least: int = 100
