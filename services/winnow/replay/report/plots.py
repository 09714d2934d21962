"""The report's plots, as plotly figures."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from winnow.replay.course import Course, Stretch
from winnow.replay.report.pieces import empty_figure

Values = Mapping[str, Any]

BLUE, ORANGE, GREEN, RED, GREY, LIGHT = "#2563a8", "#d97706", "#2f855a", "#b42318", "#8a94a3", "#cbd3dc"
LABELS_SHOWN = 8


def error_over_time(values: Values, course: Course) -> Any:
    """Share of wrong labels so far and lately, what could be proven, and the target."""
    known = [(_end(course, place), stretch.proof) for place, stretch in enumerate(course.stretches) if stretch.proof]
    figure = empty_figure("records so far", "share of wrong labels")
    x = [at for at, _ in known]
    bound = [min(proof.wrong_at_most / proof.released, 1.0) for _, proof in known]
    so_far = [proof.wrong / proof.released for _, proof in known]
    lately = [proof.lately for _, proof in known]
    highest = max([2.5 * values["target"], *(1.2 * (share or 0) for share in lately), *(1.2 * b for b in bound[-1:])])
    figure.add_scatter(x=x, y=bound, name="proven: at most", line={"color": ORANGE, "width": 2})
    figure.add_scatter(x=x, y=so_far, name="truly wrong, so far", line={"color": BLUE, "width": 2.5})
    figure.add_scatter(x=x, y=lately, name="truly wrong, newest 2,000", line={"color": BLUE, "width": 1, "dash": "dot"})
    figure.add_hline(y=values["target"], line={"color": RED, "dash": "dash"}, annotation_text="your target")
    _mark_alarms(figure, values)
    figure.update_yaxes(tickformat=".0%", range=[0, min(highest, 1.0)])
    return figure


def who_labelled(values: Values, course: Course) -> Any:
    """Per stretch of the file: the machine, checks, people."""
    figure = empty_figure("records so far", "share of the records")
    parts: Sequence[tuple[str, str, str]] = (
        ("auto", "labelled by the machine", BLUE),
        ("audits", "machine sure, checked by people", GREEN),
        ("recalled", "taken back after an alarm", RED),
        ("reviews", "labelled by people", LIGHT),
    )
    x = [_end(course, place) for place in range(len(course.stretches))]
    for name, words, colour in parts:
        y = [getattr(stretch, name) / max(stretch.records, 1) for stretch in course.stretches]
        figure.add_scatter(x=x, y=y, name=words, stackgroup="all", line={"width": 0, "shape": "hv"}, fillcolor=colour)
    _mark_alarms(figure, values)
    figure.update_yaxes(tickformat=".0%", range=[0, 1])
    return figure


def thresholds(values: Values, course: Course) -> Any:
    """Per label: how sure the machine had to be. A gap means that it was not allowed to use the label."""
    figure = empty_figure("records so far", "the machine must be surer than")
    x = [_end(course, place) for place in range(len(course.stretches))]
    labels = [label for label in values["labels"] if label]
    even = 1.0 / max(len(labels), 2)
    for label in _most_used(values):
        y = [_threshold(stretch, label, even) for stretch in course.stretches]
        figure.add_scatter(x=x, y=y, name=escape(label), connectgaps=False, line={"shape": "hv", "width": 1.5})
    _mark_alarms(figure, values)
    figure.update_yaxes(tickformat=".0%", range=[even - 0.01, 1.002])
    return figure


def _threshold(stretch: Stretch, label: str, even: float) -> float | None:
    """Nothing is less sure than even: a lower threshold lets everything through."""
    threshold = stretch.thresholds.get(label) if stretch.state in {"probation", "auto"} else None
    return None if threshold is None else max(threshold, even)


def calibration(course: Course) -> Any:
    """How sure the machine said it was, and how often it was right."""
    cells = [cell for cell in course.calibration if cell.scored]
    most = max((cell.scored for cell in cells), default=1)
    figure = empty_figure("the machine says: I am this sure", "so often it was right")
    figure.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", name="perfect", line={"color": GREY, "dash": "dash"}, hoverinfo="skip"
    )
    figure.add_scatter(
        x=[cell.claimed / cell.scored for cell in cells],
        y=[cell.right / cell.scored for cell in cells],
        mode="markers+lines",
        name="this model (larger: more records)",
        text=[f"{cell.scored:,} records" for cell in cells],
        marker={"size": [6 + 26 * (cell.scored / most) ** 0.5 for cell in cells], "color": BLUE, "opacity": 0.75},
        line={"color": BLUE, "width": 1},
    )
    figure.update_xaxes(tickformat=".0%", range=[0, 1.03])
    figure.update_yaxes(tickformat=".0%", range=[0, 1.05])
    return figure


def targets_curve(targets: Sequence[Values]) -> Any:
    """What other targets would have cost: one point each, mean over the salts."""
    figure = empty_figure("error asked for (target)", "share of the records")
    x = [each["target"] for each in targets]
    lines: Sequence[tuple[str, str, str]] = (
        ("coverage", "labelled by the machine", BLUE),
        ("best_fixed_coverage", "best fixed threshold, in hindsight", GREY),
    )
    for name, words, colour in lines:
        y = [each["mean"][name] for each in targets]
        figure.add_scatter(x=x, y=y, name=words, mode="lines+markers", line={"color": colour})
    figure.update_xaxes(tickformat=".1%", rangemode="tozero")
    figure.update_yaxes(tickformat=".0%", range=[0, 1.02])
    return figure


def targets_error(targets: Sequence[Values]) -> Any:
    """Error asked for and error made."""
    figure = empty_figure("error asked for (target)", "error made")
    x = [each["target"] for each in targets]
    figure.add_scatter(x=[0, max(x)], y=[0, max(x)], name="as much as asked for", line={"color": RED, "dash": "dash"})
    made = [each["mean"]["auto_error"] for each in targets]
    figure.add_scatter(x=x, y=made, name="made", mode="lines+markers", line={"color": BLUE})
    figure.update_xaxes(tickformat=".1%", rangemode="tozero")
    figure.update_yaxes(tickformat=".1%", rangemode="tozero")
    return figure


def _mark_alarms(figure: Any, values: Values) -> None:
    for alarm in values["alarms"]:
        figure.add_vline(x=alarm["at"], line={"color": RED, "width": 1}, opacity=0.5)


def _end(course: Course, place: int) -> int:
    return (place + 1) * course.width


def _most_used(values: Values) -> list[str]:
    labels = {label: figures["predicted"] for label, figures in values["labels"].items() if label}
    return sorted(labels, key=lambda label: -labels[label])[:LABELS_SHOWN]
