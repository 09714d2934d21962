"""Models as arrays: what the learner publishes and the scorer scores batches with.

`compile_model` makes a `Compiled` of a River model, `scorer` a batch scorer of a `Compiled`; a learner publishes a
`Series` of full snapshots and deltas. Scores equal those of the model, asked record by record.
"""

from winnow.core.compiled.compiled_model import FORMAT, Compiled, compile_model
from winnow.core.compiled.compiled_scorer import CompiledScorer
from winnow.core.compiled.deltas import Delta, apply, delta_between
from winnow.core.compiled.learning_scorer import LearningScorer, learning_scorer
from winnow.core.compiled.scorer import scorer
from winnow.core.compiled.series import Series

__all__ = [
    "FORMAT",
    "Compiled",
    "CompiledScorer",
    "Delta",
    "LearningScorer",
    "Series",
    "apply",
    "compile_model",
    "delta_between",
    "learning_scorer",
    "scorer",
]
