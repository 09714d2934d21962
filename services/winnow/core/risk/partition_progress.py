"""How far each partition of `records` has come in evidence: versions, offsets, and who is silent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from winnow_schemas.base import NO_POLICY
from winnow_schemas.evidence import Counts


@dataclass(slots=True)
class _Partition:
    stream: str | None = None
    end: int | None = None
    version: int = NO_POLICY
    at: float = 0.0
    silent: bool = False


class PartitionProgress:
    """`partitions` is the deployment's number; all of them must speak before a cohort can be complete."""

    def __init__(self, partitions: int, silence_s: float) -> None:
        self.silence_s = silence_s
        self.stream: str | None = None
        self._partitions = {number: _Partition() for number in range(partitions)}
        self._passed = NO_POLICY

    def hear(self, counts: Counts, now: float) -> str | None:
        """Take in one message; gives what is missing when it does not follow on the one before."""
        partition = self._partitions.setdefault(counts.partition, _Partition())
        missing = self._missing(partition, counts)
        partition.stream = self.stream = counts.stream
        partition.end = counts.end
        partition.at = now
        partition.silent = False
        return missing

    def _missing(self, partition: _Partition, counts: Counts) -> str | None:
        if partition.stream != counts.stream:
            unheard = partition.stream is None and self.stream in {None, counts.stream}
            known = self.stream == counts.stream
            return None if unheard or known else f"records are now stream {counts.stream}, no longer {self.stream}"
        if counts.first not in {counts.end, partition.end}:
            return f"partition {counts.partition}: evidence goes on at {counts.first}, but ended at {partition.end}"
        return None

    def reach(self, partition: int, version: int) -> bool:
        """Note that a partition has come to a policy version; False when it went back."""
        state = self._partitions[partition]
        if version < state.version:
            return False
        if version > state.version:
            state.version = version
            self._passed = min(partition.version for partition in self._partitions.values())
        return True

    @property
    def passed(self) -> int:
        """Every partition has come to this version: earlier ones are complete."""
        return self._passed

    def fall_silent(self, now: float) -> list[int]:
        """Partitions that have been silent too long since they were asked about last."""
        fresh = [
            number
            for number, partition in self._partitions.items()
            if not partition.silent and now - partition.at > self.silence_s
        ]
        for number in fresh:
            self._partitions[number].silent = True
        return fresh

    def begin(self, now: float) -> None:
        """The first evidence: from now on partitions can be silent."""
        for partition in self._partitions.values():
            partition.at = now

    def no_later_than(self, now: float) -> None:
        """A clock had jumped ahead: nobody spoke later than `now`."""
        for partition in self._partitions.values():
            partition.at = min(partition.at, now)

    def snapshot(self) -> dict[str, Any]:
        return {
            "stream": self.stream,
            "partitions": {str(n): [p.stream, p.end, p.version, p.at, p.silent] for n, p in self._partitions.items()},
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        self.stream = state["stream"]
        self._partitions.update({int(n): _Partition(*values) for n, values in state["partitions"].items()})
        self._passed = min(partition.version for partition in self._partitions.values())
