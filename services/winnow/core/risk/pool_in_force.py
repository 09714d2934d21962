"""What the deciding committee pools its votes with, as scorers' counts tell it."""

from collections.abc import Mapping
from typing import Any

from winnow.core.voting import PoolWeights
from winnow_schemas.base import NO_MODEL
from winnow_schemas.evidence import Counts


class PoolInForce:
    """`weights` are those of the newest model that was told of; None as long as no committee decided."""

    def __init__(self) -> None:
        self.weights: PoolWeights | None = None
        self._version = NO_MODEL

    def hear(self, counts: Counts) -> None:
        """Scorers do not change models at once: one that is behind tells nothing new."""
        if counts.pooling is not None and counts.model_version >= self._version:
            self._version = counts.model_version
            self.weights = PoolWeights(counts.pooling.members, counts.pooling.labels)

    def snapshot(self) -> dict[str, Any] | None:
        if self.weights is None:
            return None
        return {
            "version": self._version,
            "members": dict(self.weights.members),
            "labels": dict(self.weights.labels),
        }

    def restore(self, state: Mapping[str, Any] | None) -> None:
        self.weights, self._version = None, NO_MODEL
        if state is not None:
            self.weights, self._version = PoolWeights(state["members"], state["labels"]), state["version"]
