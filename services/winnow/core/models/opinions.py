"""What a model says of one record, in the form in which it travels with the decision until the verdict comes."""

from typing import NamedTuple

from winnow.core.models.record_input import ModelInput
from winnow.core.models.task_classifier import WHAT_MODELS_RAISE, TaskClassifier, fair, scores_of
from winnow.core.voting import is_voting
from winnow_schemas.base import MemberVotes, Scores


class Opinion(NamedTuple):
    """The scores, None when there are none; where they are a committee's, the votes that they are pooled from."""

    scores: Scores | None
    votes: MemberVotes | None = None


def opinion(model: TaskClassifier, values: ModelInput) -> Opinion:
    """What the model says now."""
    if not is_voting(model):
        return Opinion(scores_of(model, values))
    try:
        votes = model.votes_one(values)
    except WHAT_MODELS_RAISE:
        return Opinion(None)
    scores = fair(model.pooled(votes))
    return Opinion(scores, votes.to_wire() if scores else None)
