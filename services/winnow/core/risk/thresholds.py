"""From the gate's θ to one threshold on the top probability per predicted label.

The machine may label when `p > threshold`. That is exactly when the error model, evaluated in
floating point on p, says `z <= θ`: the threshold is the largest double that does not pass.
"""

from collections.abc import Iterable
from math import exp
from struct import pack, unpack

from winnow.core.risk.error_model import HIGHEST_LOGIT, LOWEST_PROBABILITY, ErrorModel, logit


def thresholds(model: ErrorModel, theta: float, labels: Iterable[str]) -> dict[str, float]:
    """Threshold of each label; a label that no probability could open is missing.

    With a slope that does not fall, a higher probability would mean more errors: then none opens.
    """
    if model.slope >= 0.0:
        return {}
    found = {label: _threshold(model, theta, label) for label in labels}
    return {label: threshold for label, threshold in found.items() if threshold is not None}


def _threshold(model: ErrorModel, theta: float, label: str) -> float | None:
    if model.z(HIGHEST_LOGIT, label) > theta:
        return None
    if model.z(logit(LOWEST_PROBABILITY), label) <= theta:
        return 0.0
    guess = 3.0 * (theta - model.bias - model.offset(label)) / model.slope
    return _largest_that_fails(model, theta, label, 1.0 / (1.0 + exp(-min(max(guess, -HIGHEST_LOGIT), HIGHEST_LOGIT))))


def _largest_that_fails(model: ErrorModel, theta: float, label: str, guess: float) -> float:
    low, high = _bracket(model, theta, label, _ordinal(guess))
    while high - low > 1:
        middle = (low + high) // 2
        if model.z(logit(_double(middle)), label) <= theta:
            high = middle
        else:
            low = middle
    return _double(low)


def _bracket(model: ErrorModel, theta: float, label: str, start: int) -> tuple[int, int]:
    lowest, highest = _ordinal(LOWEST_PROBABILITY), _ordinal(1.0)
    low = high = start
    step = 1
    while low > lowest and model.z(logit(_double(low)), label) <= theta:
        high, low, step = low, max(low - step, lowest), step * 4
    while high < highest and model.z(logit(_double(high)), label) > theta:
        low, high, step = high, min(high + step, highest), step * 4
    return low, high


def _ordinal(value: float) -> int:
    """Positive doubles in their order are integers in theirs."""
    number: int = unpack("<q", pack("<d", value))[0]
    return number


def _double(ordinal: int) -> float:
    value: float = unpack("<d", pack("<q", ordinal))[0]
    return value
