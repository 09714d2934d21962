"""Labelling functions: what they are worth."""

from winnow.core.labelling.function_figures import FunctionFigures, Interval, interval

__all__ = ["FunctionFigures", "Interval", "interval"]
