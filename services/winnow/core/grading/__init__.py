"""How good a model is, on verdicts that it had not learned."""

from winnow.core.grading.gradebook import NO_SCORE, Gradebook

__all__ = ["NO_SCORE", "Gradebook"]
