"""Figures of models as rows of tables."""

from collections.abc import Callable

from winnow.cli.models_feed import Models
from winnow_schemas.model_reports import Against, Grades, ModelReport

Row = tuple[object, ...]

_GRADES: tuple[tuple[str, Callable[[Grades], str]], ...] = (
    ("verdicts", lambda grades: f"{grades.verdicts:,}"),
    ("accuracy", lambda grades: f"{grades.accuracy:.3f}"),
    ("macro-F1", lambda grades: f"{grades.macro_f1:.3f}"),
    ("log loss", lambda grades: f"{grades.log_loss:.3f}"),
    ("calibration error", lambda grades: f"{grades.calibration_error:.3f}"),
    ("coverage at the target, in hindsight", lambda grades: f"{grades.coverage:.3f}"),
)


def list_rows(models: Models) -> list[Row]:
    """One for each model, the champion first."""
    ordered = sorted(models.reports.values(), key=lambda one: (one.role != "champion", one.live.log_loss))
    return [_list_row(one) for one in ordered]


def _list_row(report: ModelReport) -> Row:
    live, against = report.live, report.against
    figures = (f"{live.accuracy:.3f}", f"{live.log_loss:.3f}", f"{live.coverage:.3f}")
    proof = (f"{against.evidence:.3g}", f"{against.needed:g}") if against else ("", "")
    name = f"{report.name} (full)" if report.full else report.name
    return (name, role_of(report), f"{report.learned:,}", *figures, *proof)


def role_of(report: ModelReport) -> str:
    """What it is there for."""
    race = report.in_search
    return f"candidate, round {race.round} of {race.rounds}" if race else report.role


def grade_rows(report: ModelReport) -> list[Row]:
    """Figures on verdicts as they came, and on what was kept back."""
    return [(name, told(report.live), told(report.trial) if report.trial else "–") for name, told in _GRADES]


def label_rows(report: ModelReport) -> list[Row]:
    """Label by label, the most frequent first."""
    labels = sorted(report.live.labels.items(), key=lambda pair: -pair[1].share)
    return [
        (name, f"{one.share:.3f}", f"{one.precision:.3f}", f"{one.recall:.3f}", f"{one.f1:.3f}") for name, one in labels
    ]


def against_rows(against: Against) -> list[Row]:
    """New against old."""
    return [
        ("verdicts", f"{against.verdicts:,}"),
        ("accuracy", f"{against.accuracy:+.4f}"),
        ("log loss", f"{against.log_loss:+.4f}"),
        ("evidence that it is better", f"{against.evidence:.3g} of {against.needed:g} needed"),
        ("what got worse", ", ".join(against.worse) or "nothing"),
    ]
