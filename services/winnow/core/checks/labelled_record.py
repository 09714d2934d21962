"""One labelled record of a data set, as checks look at it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from winnow.core.models import ModelInput

Level = Literal["fine", "look", "mend"]
"""`look`: a person should have a look; `mend`: the file breaks the task's contract."""


@dataclass(frozen=True, slots=True)
class LabelledRecord:
    """`values` is what models read of the record on this line of the file, `misfits` how much of it they cannot."""

    line: int
    label: str
    values: ModelInput = field(repr=False)
    misfits: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found: a sentence for people, the lines it is about, and figures for programs."""

    check: str
    level: Level
    says: str
    lines: Sequence[int] = ()
    figures: dict[str, float] = field(default_factory=dict)
