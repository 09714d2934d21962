"""Models that a task brings itself: `python: package.module:build`."""

import importlib
from typing import Any

from river import base

_PREFIX = "python:"


def is_user_model(name: str) -> bool:
    """Whether a model's name is a path to Python code."""
    return name.startswith(_PREFIX)


def build_user_model(name: str) -> base.Classifier:
    """Calls the named function, which must give a River classifier or pipeline; raises `ValueError`."""
    module_name, _, function = name.removeprefix(_PREFIX).strip().partition(":")
    model = _function(name, module_name, function)()
    if _has(model, "learn_one") and _has(model, "predict_proba_one"):
        return model
    raise ValueError(f"model {name}: {function}() gave a {type(model).__name__}; it must give a River classifier")


def _function(name: str, module_name: str, function: str) -> Any:
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        raise ValueError(f"model {name}: cannot import {module_name} ({error}); is it installed here?") from error
    if _has(module, function):
        return getattr(module, function)
    raise ValueError(f"model {name}: {module_name} has no function {function}")


def _has(owner: Any, method: str) -> bool:
    return callable(getattr(owner, method, None))
