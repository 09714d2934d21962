"""How several members' votes become one probability: shared by the models that vote and the gate that pools anew.

Pure numpy: whoever only pools needs no model.
"""

from winnow.core.voting.kept_votes import KeptVotes
from winnow.core.voting.pool import Pool
from winnow.core.voting.pool_weights import PoolWeights, pooled_batch
from winnow.core.voting.votes import LOWEST_PROBABILITY, LOWEST_VOTE, Votes, log_votes
from winnow.core.voting.voting_model import VotingModel, is_voting

__all__ = [
    "LOWEST_PROBABILITY",
    "LOWEST_VOTE",
    "KeptVotes",
    "Pool",
    "PoolWeights",
    "Votes",
    "VotingModel",
    "is_voting",
    "log_votes",
    "pooled_batch",
]
