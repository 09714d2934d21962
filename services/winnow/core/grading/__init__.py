"""How good a model is, on verdicts and kept records that it had not learned."""

from winnow.core.grading.gradebook import NO_SCORE, Gradebook
from winnow.core.grading.trials import Labelled, architectures, graded, trial_of

__all__ = ["NO_SCORE", "Gradebook", "Labelled", "architectures", "graded", "trial_of"]
