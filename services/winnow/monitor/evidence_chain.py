"""Which piece of evidence came before which, as the broker gave them: so that none gets lost on its way through Faust.

When Faust has recovered its tables it lets messages in, seeks, lets more in, and then empties the
queues: what is in them is lost. And after any seek it throws away again what it is given a second
time. So each message is linked to the one before it in the topic, and whoever folds them takes a
message only when it follows on the one taken last; otherwise it seeks again.
"""

from collections.abc import Iterable
from typing import Any

from faust.types import TP


class EvidenceChain:
    """Links of one partition. Fetches and seeks are told in the order in which they happen.

    A link says: between these two there is nothing. That stays true, so links outlive a seek.
    """

    def __init__(self) -> None:
        self._last: int | None = None
        self._before: dict[int, int | None] = {}

    def forget(self) -> None:
        """The partition was taken away: nobody knows where the next fetch begins."""
        self._last = None
        self._before.clear()

    def sought(self, start: int) -> None:
        """The next message fetched is the first one at or after `start`; older ones are not asked for again."""
        self._last = start - 1
        self._before = {offset: before for offset, before in self._before.items() if offset >= start}

    def fetched(self, offsets: Iterable[int]) -> None:
        """A fetch gave these; before the first seek they are linked to nothing."""
        for offset in offsets:
            self._before[offset] = self._last
            self._last = None if self._last is None else offset

    def before(self, offset: int) -> int | None:
        """The offset before this one in the topic; None when that is not known."""
        return self._before.get(offset)

    def taken(self, offset: int) -> None:
        """It is not asked for again."""
        self._before.pop(offset, None)


class ReadOffsets(dict[TP, Any]):
    """Faust's memory of what it has read, without the evidence: of that it would drop what comes a second time."""

    def __init__(self, evidence: TP) -> None:
        super().__init__()
        self._evidence = evidence

    def __missing__(self, _: TP) -> None:
        return None

    def __setitem__(self, tp: TP, offset: int | None) -> None:
        if tp != self._evidence:
            super().__setitem__(tp, offset)
