"""What models of a task read, as columns: numbers (with flags and the embedding) and categories."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from winnow_schemas.task import Task

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.intp]
Meta = Mapping[str, Any]
Arrays = Mapping[str, npt.NDArray[Any]]

TEXT = "text"


@dataclass(frozen=True, slots=True)
class Inputs:
    """The declared inputs of a task in its order; a text is one more category to models over tables."""

    numbers: tuple[str, ...]
    flags: frozenset[str]
    embedding: int
    categories: tuple[str, ...]
    text: bool

    @classmethod
    def of(cls, task: Task) -> Self:
        """The inputs of one task."""
        kinds = task.input.features
        return cls(
            numbers=tuple(name for name, kind in kinds.items() if kind != "category"),
            flags=frozenset(name for name, kind in kinds.items() if kind == "flag"),
            embedding=task.input.embedding or 0,
            categories=tuple(name for name, kind in kinds.items() if kind == "category"),
            text=task.input.text,
        )

    @property
    def number_columns(self) -> tuple[str, ...]:
        """All that is read as a number."""
        return self.numbers + tuple(f"e{place}" for place in range(self.embedding))

    @property
    def category_columns(self) -> tuple[str, ...]:
        """All that is read as a string."""
        return self.categories + ((TEXT,) if self.text else ())

    @property
    def are_numbers(self) -> bool:
        """Whether numbers are all there is: no flags, embedding, categories or text."""
        return bool(self.numbers) and not (self.flags or self.embedding or self.categories or self.text)


def described(task: Task) -> dict[str, Any]:
    """What a snapshot says of the task it was made for; readers compare it with their own."""
    features = {name: str(kind) for name, kind in task.input.features.items()}
    return {
        "task": task.task,
        "labels": list(task.labels),
        "input": {"features": features, "embedding": task.input.embedding or 0, "text": task.input.text},
    }
