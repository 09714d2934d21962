"""What came while tables were made anew: read again from Kafka, in its order, a piece at each turn."""

from collections.abc import Iterator
from itertools import islice

from winnow.review.ports import History
from winnow.runtime.messages import Incoming, Partition


class CatchingUp:
    """Per partition how far it was heard, and how far it came meanwhile."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._heard: dict[Partition, int] = {}
        self._came: dict[Partition, int] = {}
        self._reading: dict[Partition, Iterator[Incoming]] = {}

    def clear(self) -> None:
        """There is nothing to catch up with."""
        self._heard, self._came, self._reading = {}, {}, {}

    def expect(self, partition: Partition, heard: int) -> None:
        """From this offset on nothing was heard yet."""
        self._heard.setdefault(partition, heard)

    def came(self, message: Incoming) -> bool:
        """Whether this message will be read again: then it is not for now."""
        partition = Partition(message.topic, message.partition)
        if partition not in self._heard:
            return False
        self._came[partition] = message.offset + 1
        return True

    def position(self, partition: Partition, offset: int) -> int:
        """The next offset to hear: `offset` where nothing is left to catch up with."""
        return self._heard.get(partition, offset)

    def take(self, at_most: int) -> Iterator[Incoming]:
        """The next messages of each partition. May raise `TransientError`."""
        for partition in list(self._heard):
            found = list(islice(self._all_of(partition), at_most))
            yield from found
            if found:
                self._heard[partition] = found[-1].offset + 1
            if len(found) < at_most:
                self._forget(partition)

    def _all_of(self, partition: Partition) -> Iterator[Incoming]:
        if partition not in self._reading:
            self._reading[partition] = self._read(partition)
        return self._reading[partition]

    def _read(self, partition: Partition) -> Iterator[Incoming]:
        at = self._heard[partition]
        while at < (end := self._came.get(partition, at)):
            yield from self._history.messages(partition.topic, partition.number, at, end)
            at = end

    def _forget(self, partition: Partition) -> None:
        for each in (self._heard, self._came, self._reading):
            each.pop(partition, None)
