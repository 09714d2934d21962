"""How rows and figures are written for people."""

from collections.abc import Mapping

from benchmarks.risk_rows import Row

MODELS: Mapping[str, str] = {
    "logistic": "linear",
    "hoeffding_tree": "Hoeffding tree",
    "adaptive_random_forest": "random forest",
    "gaussian_naive_bayes": "Gaussian naive Bayes",
    "text_naive_bayes": "naive Bayes",
    "text_logistic": "text linear",
}


def row_title(row: Row) -> str:
    """A row on one line."""
    return f"{row.data.title}, {MODELS[row.model]}, {100 * row.target:g} %"


def percent(share: float | None, digits: int = 1) -> str:
    """A share of one in per cent, without the sign."""
    return "–" if share is None else f"{100.0 * share:.{digits}f}"


def figure(value: float | None, digits: int = 1) -> str:
    """A figure that is in per cent already, or a count."""
    return "–" if value is None else f"{value:,.{digits}f}"
