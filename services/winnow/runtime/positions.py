"""Where each assigned partition stands: how far it was read and what was committed last. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import lt

from winnow.runtime.messages import Assignment, Batch, Commit, Incoming, Partition


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

    def read(self, messages: Sequence[Incoming]) -> Batch:
        """Notes a batch as read; leaves out what is not ours or was read before.

        Goes by runs of one partition, as the client delivers them: this runs once a message.
        """
        batch, begin = Batch.of(messages), 0
        ours: list[int] = []
        for partition, count in _runs(batch):
            if partition in self._next:
                ours += self._read_run(partition, batch.offsets[begin : begin + count], begin)
            begin += count
        return batch.some(ours)

    def _read_run(self, partition: Partition, offsets: Sequence[int], begin: int) -> Sequence[int]:
        """The places of those to go on with; the first of the run stands at `begin`."""
        expected = self._next[partition]
        if offsets[0] >= expected and all(map(lt, offsets, offsets[1:])):
            self._next[partition] = offsets[-1] + 1
            return range(begin, begin + len(offsets))
        ours = []
        for place, offset in enumerate(offsets, start=begin):
            if offset >= expected:
                expected = offset + 1
                ours.append(place)
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


def _runs(batch: Batch) -> Iterator[tuple[Partition, int]]:
    """Each partition from which messages follow one another, and how many do."""
    topics, partitions = batch.topics, batch.partitions
    count = len(batch)
    if count and partitions.count(partitions[0]) == topics.count(topics[0]) == count:
        yield Partition(topics[0], partitions[0]), count
        return
    for (topic, number), run in groupby(zip(topics, partitions, strict=True)):
        yield Partition(topic, number), sum(1 for _ in run)
