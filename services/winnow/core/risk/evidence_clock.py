"""The time of the evidence itself: the core reads no other clock."""

from dataclasses import dataclass


@dataclass(slots=True)
class EvidenceClock:
    """The largest time seen; a step back of more than `tolerance_s` means that some clock had jumped ahead.

    Without that step a single wrong clock would keep policies valid far into the future.
    """

    tolerance_s: float = 600.0
    now: float | None = None

    def hear(self, at: float) -> float:
        """Take in the time of one message; gives the time it is now."""
        if self.now is None or at > self.now or at < self.now - self.tolerance_s:
            self.now = at
        return self.now
