"""What a replay supposes of the world around the file: whose clock runs, how people answer, how coins fall."""

from dataclasses import dataclass
from typing import Literal

ClockKind = Literal["records", "events"]


@dataclass(frozen=True, slots=True)
class Conditions:
    """`records`: each record is one second; `events`: the time is the one in each record's `at`.

    Answers come after `delay_s`. Of all requests a share `absence` is never answered and expires after
    twice that; of the answers a share `accuracy` is right. `salt` decides how all coins fall. The first `seeded`
    records are no part of the stream: they were labelled beforehand, as by `winnow seed`.
    """

    delay_s: float = 200.0
    clock: ClockKind = "records"
    accuracy: float = 1.0
    absence: float = 0.0
    salt: str = "s"
    seeded: int = 0

    @property
    def expires_s(self) -> float:
        """When a request that nobody answers is given up."""
        return 2.0 * self.delay_s
