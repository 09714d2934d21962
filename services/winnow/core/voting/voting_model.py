"""A model whose scores are pooled votes, as whoever decides and whoever teaches it sees it."""

from typing import Any, Protocol, TypeGuard

from winnow.core.voting.pool_weights import PoolWeights
from winnow.core.voting.votes import Votes


class VotingModel(Protocol):
    """Whoever decides keeps the votes until the verdict comes."""

    @property
    def weights(self) -> PoolWeights:
        """What the votes are pooled with today."""
        ...

    def pooled(self, votes: Votes) -> dict[Any, float]:
        """The scores that votes make today."""
        ...

    def votes_one(self, x: dict[str, Any]) -> Votes:
        """What each member says of a record."""
        ...

    def learn_verdict(self, x: dict[str, Any], y: Any, votes: Votes | None, weight: float) -> None:
        """One verdict, with the votes of its decision and the inverse propensity of its look."""
        ...


def is_voting(model: object) -> TypeGuard[VotingModel]:
    """Whether a model is one of these."""
    return hasattr(model, "votes_one")
