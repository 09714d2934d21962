"""The policy versions whose auto labels do not hold: arithmetic on ranges. Pure."""

import hashlib
import json
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

Range = tuple[int, int]
"""First and last version; both belong to it."""


@dataclass(frozen=True, slots=True)
class WithdrawnVersions:
    """Ranges in order, none touching the next, so that equal sets are equal objects."""

    ranges: tuple[Range, ...] = ()

    @classmethod
    def of(cls, ranges: Iterable[Range]) -> Self:
        """From ranges as a certificate says them."""
        merged: list[Range] = []
        for first, last in sorted(each for each in ranges if each[0] <= each[1]):
            if merged and first <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
            else:
                merged.append((first, last))
        return cls(tuple(merged))

    def __bool__(self) -> bool:
        return bool(self.ranges)

    def __contains__(self, version: int) -> bool:
        place = bisect_right(self.ranges, version, key=lambda each: each[0]) - 1
        return place >= 0 and version <= self.ranges[place][1]

    @property
    def last(self) -> int:
        """The highest version of all; there must be one."""
        return self.ranges[-1][1]

    def first_not_in(self, other: "WithdrawnVersions") -> int | None:
        """The lowest version that `other` lacks."""
        for first, last in self.ranges:
            lowest = first
            for known_first, known_last in other.ranges:
                if known_first <= lowest <= known_last:
                    lowest = known_last + 1
            if lowest <= last:
                return lowest
        return None

    def through(self, last: int) -> "WithdrawnVersions":
        """Those up to `last`."""
        return WithdrawnVersions(tuple((a, min(b, last)) for a, b in self.ranges if a <= last))

    @property
    def digest(self) -> str:
        """Eight characters that differ when the versions do."""
        return hashlib.blake2b(json.dumps(self.ranges).encode(), digest_size=4, person=b"withdrawn").hexdigest()


NOTHING_WITHDRAWN = WithdrawnVersions()
