"""River's own active learning: asks by a coin that the entropy of the scores weighs."""

from typing import Any

from river import active, base

from benchmarks.peers.strategy import Scores

EXPONENT = 3


class _AsScored(base.Classifier):  # type: ignore[misc]
    """Hands River's sampler the scores that the model has just given."""

    def learn_one(self, x: dict[Any, Any], y: Any) -> None:
        """The model itself learns elsewhere."""

    def predict_proba_one(self, x: dict[Any, float]) -> dict[Any, float]:
        return x


class EntropySampler:
    """River's class; 3 is its default exponent. It asks with the entropy to that power: the larger, the fewer."""

    def __init__(self, seed: int, exponent: float = EXPONENT) -> None:
        self._sampler = active.EntropySampler(_AsScored(), discount_factor=exponent, seed=seed)

    def asks(self, scores: Scores) -> bool:
        """As River says."""
        _, asks = self._sampler.predict_proba_one(dict(enumerate(scores.tolist())))
        return bool(asks)

    def answered(self, scores: Scores, truth: int, *, asked: bool) -> None:
        """The sampler itself learns nothing."""
