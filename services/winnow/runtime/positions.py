"""Where each assigned partition stands: how far it was read and what was committed last. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from operator import itemgetter

from winnow.runtime.messages import Assignment, Commit, Incoming, Partition

_partition_of = itemgetter(0, 1)


class Positions:
    """The loop's own bookkeeping of the next offset per partition."""

    def __init__(self) -> None:
        self._next: dict[Partition, int] = {}
        self._committed: dict[Partition, Commit] = {}

    def assign(self, starts: Mapping[Partition, Commit]) -> None:
        """These partitions are ours now (or are read again) from here."""
        for partition, commit in starts.items():
            self._next[partition] = commit.offset
            self._committed[partition] = commit

    def revoke(self, partitions: Iterable[Partition]) -> None:
        """These are no longer ours."""
        for partition in partitions:
            self._next.pop(partition, None)
            self._committed.pop(partition, None)

    def read(self, batch: Sequence[Incoming]) -> list[Incoming]:
        """Notes a batch as read; leaves out what is not ours or was read before.

        Goes by runs of one partition, as the client delivers them: this runs once a message.
        """
        ours: list[Incoming] = []
        for (topic, number), run in groupby(batch, _partition_of):
            partition = Partition(topic, number)
            if partition in self._next:
                ours += self._read_run(partition, run)
        return ours

    def _read_run(self, partition: Partition, run: Iterable[Incoming]) -> list[Incoming]:
        expected = self._next[partition]
        ours = []
        for message in run:
            if message.offset >= expected:
                expected = message.offset + 1
                ours.append(message)
        self._next[partition] = expected
        return ours

    def to_commit(self, wanted: Mapping[Partition, Commit]) -> dict[Partition, Commit]:
        """What of `wanted` differs from the last commit; partitions that are not ours are left out."""
        return {p: c for p, c in wanted.items() if p in self._committed and self._committed[p] != c}

    def commit(self, committed: Mapping[Partition, Commit]) -> None:
        """These commits are in Kafka."""
        self._committed.update(committed)

    @property
    def next_offsets(self) -> dict[Partition, int]:
        """Per assigned partition the next offset to read."""
        return dict(self._next)

    @property
    def assignment(self) -> Assignment:
        """The complete assignment, as of the last commits."""
        return Assignment(dict(self._committed))

    @property
    def partitions(self) -> list[Partition]:
        """All assigned partitions."""
        return list(self._next)
