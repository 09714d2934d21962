"""What most systems offer: pick a threshold on the top probability, and hope."""

from benchmarks.peers.strategy import Scores


class FixedThreshold:
    """The machine labels what it is at least so sure of."""

    def __init__(self, least: float) -> None:
        self._least = least

    def asks(self, scores: Scores) -> bool:
        """Below the threshold."""
        return bool(scores.max() < self._least)

    def answered(self, scores: Scores, truth: int, *, asked: bool) -> None:
        """A fixed threshold learns nothing."""
