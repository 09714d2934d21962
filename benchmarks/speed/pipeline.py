"""What every program under measurement is told, through its environment. Imports nothing but the standard library."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_PREFIX = "SPEED_"


@dataclass(frozen=True)
class Pipeline:
    """Where records come from and go to; `verdicts` is a file of labelled records to learn from first.

    What is more probable than `threshold` becomes a label, anything else a request. `state` is an empty folder.
    """

    bootstrap: str
    group: str
    records: str
    labels: str
    requests: str
    model: str
    threshold: float
    verdicts: Path
    state: Path

    @classmethod
    def of_environment(cls) -> Self:
        """As `as_environment` wrote it."""
        found = {name: os.environ[_PREFIX + name.upper()] for name in cls.__dataclass_fields__}
        return cls(
            bootstrap=found["bootstrap"],
            group=found["group"],
            records=found["records"],
            labels=found["labels"],
            requests=found["requests"],
            model=found["model"],
            threshold=float(found["threshold"]),
            verdicts=Path(found["verdicts"]),
            state=Path(found["state"]),
        )

    def as_environment(self) -> Mapping[str, str]:
        """For a process that is started."""
        return {_PREFIX + name.upper(): str(getattr(self, name)) for name in self.__dataclass_fields__}
