"""Who is like a record: among those that were asked about lately, and among those that passed lately.

Constant memory: rings of short sketches (`core.sketch`: words, standardised numbers, embeddings), and the scale of
the numbers, by the records of the partition. `novelty` is the distance to the nearest that was asked, `density` the
mean nearness to those that passed.
"""

import struct
from collections import deque
from collections.abc import Sequence
from typing import Self

import numpy as np

from winnow.core.sketch import BROAD_BITS, LARGEST_Z, NEAR_BITS, NO_SKETCH, Floats, Sketcher, number, numbers_of
from winnow_schemas.records import Record
from winnow_schemas.task import InputSpec

LATELY = 32
_EVERY = 8
_BROAD = slice(NEAR_BITS // 8, None)
_STRANGERS = BROAD_BITS / 2
_UNKNOWN = 0.5
_HEAD = struct.Struct("<BBB")
MOST_NUMBERS = 128
"""Of so many numbers the scale is remembered; more of them are sketched as if they were missing."""


class Neighbourhood:
    """Of one partition. `look` measures one record; `passed` says what became of it."""

    def __init__(self, spec: InputSpec) -> None:
        self._scale = SmallScale(len(numbers_of(spec)))
        self._asked: deque[int] = deque(maxlen=LATELY)
        self._passed: deque[int] = deque(maxlen=LATELY)
        self._since = 0
        self._sketch: int | None = None

    def look(self, sketcher: Sketcher, record: Record) -> None:
        """The record that `novelty`, `density` and `passed` speak of from now on. Its numbers count for the scale."""
        sketch = sketcher.sketch(record, self._scale)
        self._sketch = None if sketch == NO_SKETCH else int.from_bytes(sketch[_BROAD], "little")

    @property
    def novelty(self) -> float:
        """1 as far from all that was asked as strangers are, 0 the same as one of them."""
        if self._sketch is None:
            return _UNKNOWN
        return min((_distance(self._sketch, other) for other in self._asked), default=1.0)

    @property
    def density(self) -> float:
        """1 the same as all that passed, 0 a stranger to all of them."""
        if self._sketch is None or not self._passed:
            return _UNKNOWN
        return 1.0 - sum(_distance(self._sketch, other) for other in self._passed) / len(self._passed)

    def passed(self, *, asked: bool) -> None:
        """What became of the record last looked at."""
        self._since = (self._since + 1) % _EVERY
        if self._sketch is None:
            return
        if asked:
            self._asked.append(self._sketch)
        if self._since == 0:
            self._passed.append(self._sketch)

    def to_bytes(self) -> bytes:
        """All of it but the record at hand."""
        rings = [*self._asked, *self._passed]
        head = _HEAD.pack(len(self._asked), len(self._passed), self._since)
        return head + struct.pack(f"<{len(rings)}Q", *rings) + self._scale.to_bytes()

    @classmethod
    def from_bytes(cls, spec: InputSpec, kept: bytes) -> Self:
        """The same again; raises `struct.error` or `ValueError` when it is not that."""
        nearby = cls(spec)
        asked, passed, nearby._since = _HEAD.unpack_from(kept)
        rings = struct.unpack_from(f"<{asked + passed}Q", kept, _HEAD.size)
        nearby._asked.extend(rings[:asked])
        nearby._passed.extend(rings[asked:])
        nearby._scale.take(kept[_HEAD.size + 8 * len(rings) :])
        return nearby


class SmallScale:
    """Mean and variance of each number, by about the last 1,000 of them; ten bytes each."""

    def __init__(self, size: int) -> None:
        kept = min(size, MOST_NUMBERS)
        self._size = size
        self._count = np.zeros(kept, np.uint16)
        self._mean = np.zeros(kept, np.float32)
        self._variance = np.zeros(kept, np.float32)

    def standardised(self, values: Sequence[object]) -> Floats:
        """Values in deviations from their mean, this one included."""
        read = [number(value) for value in values[: len(self._count)]]
        given = np.array([value is not None for value in read], bool)
        numbers = np.clip(np.array([value or 0.0 for value in read]), -_LARGEST, _LARGEST).astype(np.float32)
        self._count = np.minimum(self._count + given, _REMEMBERED).astype(np.uint16)
        step = np.where(given, np.float32(1) / np.maximum(self._count, 1).astype(np.float32), np.float32(0))
        apart = np.where(given, numbers - self._mean, np.float32(0))
        self._mean = (self._mean + step * apart).astype(np.float32)
        self._variance = ((1 - step) * (self._variance + step * apart * apart)).astype(np.float32)
        deviation = np.sqrt(self._variance.astype(np.float64))
        is_there = given & (deviation > 0)
        z = np.where(is_there, (numbers - self._mean) / np.where(is_there, deviation, 1.0), 0.0)
        whole = np.zeros(self._size)
        whole[: len(z)] = np.clip(z, -LARGEST_Z, LARGEST_Z)
        return whole

    def to_bytes(self) -> bytes:
        """All of it."""
        parts = self._count.astype("<u2"), self._mean.astype("<f4"), self._variance.astype("<f4")
        return b"".join(part.tobytes() for part in parts)

    def take(self, kept: bytes) -> None:
        """What `to_bytes` gave; raises `ValueError` when it is of other numbers."""
        size = len(self._count)
        if len(kept) != 10 * size:
            raise ValueError(f"a scale of {size} numbers is wanted")
        self._count = np.frombuffer(kept, "<u2", size).astype(np.uint16)
        self._mean = np.frombuffer(kept, "<f4", size, 2 * size).astype(np.float32)
        self._variance = np.frombuffer(kept, "<f4", size, 6 * size).astype(np.float32)


_LARGEST = 1e15
_REMEMBERED = 1_000


def _distance(sketch: int, other: int) -> float:
    return min(1.0, (sketch ^ other).bit_count() / _STRANGERS)
