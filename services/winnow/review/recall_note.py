"""How far a recall has come, as it stands beside a committed offset. It spares reading, and nothing rests on it.

Says: of the withdrawn versions up to `through` (whose `digest` is that), every auto label before the
offset `settled` of `labels` has its recall or needs none. True for ever, so an old note does no harm.
"""

from dataclasses import dataclass
from typing import Any, Self

from winnow.review.withdrawn_versions import NOTHING_WITHDRAWN, WithdrawnVersions


@dataclass(frozen=True, slots=True)
class RecallNote:
    """See above."""

    settled: int
    through: int
    digest: str

    @classmethod
    def about(cls, withdrawn: WithdrawnVersions, settled: int) -> Self:
        """A note about these versions, of which there must be one."""
        return cls(settled, withdrawn.last, withdrawn.digest)

    @classmethod
    def read(cls, note: Any) -> Self | None:
        """From `encoded`; None for anything else."""
        match note:
            case [int(settled), int(through), str(digest)]:
                return cls(settled, through, digest)
        return None

    def encoded(self) -> list[int | str]:
        """As JSON."""
        return [self.settled, self.through, self.digest]

    def of(self, withdrawn: WithdrawnVersions) -> WithdrawnVersions:
        """Those of the versions withdrawn today that the note speaks of: all up to `through`, or none."""
        known = withdrawn.through(self.through)
        return known if known.digest == self.digest else NOTHING_WITHDRAWN
