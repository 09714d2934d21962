"""Which records people are asked about: what an answer would teach, and how many answers there may be."""

from winnow.core.sampling.batch_budget import BatchBudget, Kept, decide_within
from winnow.core.sampling.partition_budget import PartitionBudget
from winnow.core.sampling.task_budget import TaskBudget
from winnow.core.sampling.teaching import Teaching

__all__ = ["BatchBudget", "Kept", "PartitionBudget", "TaskBudget", "Teaching", "decide_within"]
