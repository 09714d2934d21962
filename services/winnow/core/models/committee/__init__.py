"""The committee: fast members for text, tables and embeddings, pooled with the votes of decision time."""

from winnow.core.models.committee.committee import Committee
from winnow.core.models.committee.for_task import TaskCommittee, committee_of
from winnow.core.models.committee.outside_members import scores_by
from winnow.core.models.committee.seats import function_member, model_member

__all__ = [
    "Committee",
    "TaskCommittee",
    "committee_of",
    "function_member",
    "model_member",
    "scores_by",
]
