"""Former states of models, bit for bit: what one may go back to, and what a newer version is measured against."""

import pickle
from collections.abc import Iterable
from typing import NamedTuple

from winnow.core.models import TaskClassifier
from winnow.core.school.student import Student

MOST = 8
"""So many are kept; the oldest goes first."""

_EARLY = (200, 500)
_FIRST_STEP = 1_000


class KeptVersion(NamedTuple):
    """A model as it was when it had the version `version`."""

    version: int
    name: str
    learned: int
    pickled: bytes

    def model(self) -> TaskClassifier:
        """A new object at each call."""
        return pickle.loads(self.pickled)  # type: ignore[no-any-return]  # noqa: S301 - pickled here, or signed


class KeptVersions:
    """The newest few, oldest first."""

    def __init__(self, kept: Iterable[KeptVersion] = ()) -> None:
        self._kept = {one.version: one for one in sorted(kept)}

    @property
    def all(self) -> list[KeptVersion]:
        """Oldest first."""
        return list(self._kept.values())

    def find(self, version: int) -> KeptVersion | None:
        """That version, if it is still there."""
        return self._kept.get(version)

    def keep(self, student: Student) -> KeptVersion:
        """A model as it is now."""
        pickled = pickle.dumps(student.model, protocol=5)
        kept = KeptVersion(student.next_offset, student.name, student.learned, pickled)
        self._kept[kept.version] = kept
        while len(self._kept) > MOST:
            del self._kept[min(self._kept)]
        return kept


def is_time_to_keep(learned: int) -> bool:
    """Twice early, then after every thousand verdicts, and beyond a million after every hundredth to thousandth more.

    To keep a version takes as long as it is large; models that have learned so much change slowly.
    """
    step = max(_FIRST_STEP, 10 ** (len(str(learned)) - 3))
    return learned in _EARLY or (learned > 0 and learned % step == 0)
