"""A model on its way to the topic `models`: what is written, and what is said of it."""

import pickle
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol, Self, runtime_checkable

from winnow_schemas.models import Form


@runtime_checkable
class Packed(Protocol):
    """A model that brings its own bytes: a compiled one, a delta, or one that was pickled before."""

    def to_bytes(self) -> bytes: ...


@dataclass(frozen=True)
class Pickled:
    """A model as it was at one moment, while it goes on learning."""

    _bytes: bytes = field(repr=False)

    @classmethod
    def of(cls, model: object) -> Self:
        """As it is now."""
        return cls(pickle.dumps(model, protocol=5))

    def to_bytes(self) -> bytes:
        """All of it."""
        return self._bytes


@dataclass(frozen=True)
class ModelState:
    """A model and what is known of it; see `ModelManifest` for the fields. Without `form` it is pickled."""

    slot: str
    name: str
    task: str
    version: int
    verdict_offset: int
    learned: int
    at: datetime
    model: Any = field(repr=False)
    fresh: Sequence[datetime] = ()
    figures: dict[str, float] = field(default_factory=dict)
    form: Form | None = None
    digest: str | None = None
    base_version: int | None = None
    since: int | None = None

    def as_compiled(self, digest: str) -> Self:
        """Its model is a compiled one."""
        return replace(self, form="compiled", digest=digest)

    def as_delta(self, digest: str, base_version: int) -> Self:
        """Its model is what leads on from another version."""
        return replace(self, form="delta", digest=digest, base_version=base_version)
