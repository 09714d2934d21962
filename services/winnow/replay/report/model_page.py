"""The report on one model as a page that needs nothing from outside."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from winnow.replay.report.pieces import empty_figure, page_of, plot, section, table
from winnow.replay.report.words import percent
from winnow_schemas.model_reports import Against, Grades, ModelReport

BLUE, ORANGE, GREY = "#2563a8", "#d97706", "#8a94a3"
LABELS_SHOWN = 25


def model_page(report: ModelReport, all_reports: Sequence[ModelReport]) -> str:
    """The whole page; `all_reports` are those of the task's models, for comparison."""
    live = report.live
    role = "decides" if report.role == "champion" else "is tried beside the champion"
    role = "is a candidate of a search" if report.in_search else role
    return page_of(
        "model_page.html",
        title=escape(f"{report.name} ({report.task})"),
        name=escape(report.name),
        headline=escape(f"It {role}, and was right on {percent(live.accuracy)} of what it had not learned."),
        basis=escape(
            f"Version {report.version}, {report.learned:,} verdicts learned. The figures rest on {live.verdicts:,} "
            f"verdicts, each judged before it was learned and weighted by 1/propensity. {report.at:%Y-%m-%d %H:%M} UTC."
            + (f" It decides since version {report.since}: {report.why}." if report.why else "")
        ),
        tiles=_tiles(live),
        body="\n".join(_sections(report, all_reports)),
    )


def _sections(report: ModelReport, all_reports: Sequence[ModelReport]) -> Iterable[str]:
    live = report.live
    yield section("All models on the same verdicts", "", _side_by_side(all_reports))
    if report.against:
        yield section(f"Against {report.against.champion}", _about_proof(report.against), _against(report.against))
    yield section("How it learned", "Each point is a run of verdicts.", plot(_curve(report.name, all_reports), "curve"))
    yield section(
        "Can its certainty be believed?",
        "If it could, all points would lie on the dashed line; larger points stand for more records.",
        plot(_calibration(live), "calibration"),
    )
    yield section("Label by label", "", _labels(live))
    yield section("Which labels it mixes up", "Rows: what people said; columns: what it said.", _confusion(live))
    if report.trial:
        text = f"The {report.trial.verdicts:,} newest seeded records, which no model ever learns."
        yield section("On what was kept back", text, _tiles(report.trial, outer=True))


def _tiles(grades: Grades, *, outer: bool = False) -> str:
    tiles = (
        ("accuracy", percent(grades.accuracy)),
        ("macro-F1", f"{grades.macro_f1:.3f}"),
        ("log loss", f"{grades.log_loss:.3f}"),
        ("calibration error", f"{grades.calibration_error:.3f}"),
        (f"coverage at {percent(grades.target)} error, in hindsight", percent(grades.coverage)),
    )
    inner = "".join(f"<div class=tile><b>{value}</b><span>{escape(name)}</span></div>" for name, value in tiles)
    return f"<div class=tiles>{inner}</div>" if outer else inner


def _side_by_side(reports: Sequence[ModelReport]) -> str:
    columns = ("model", "role", "accuracy", "macro-F1", "log loss", "calibration error", "coverage", "on what was kept")
    ordered = sorted(reports, key=lambda one: (one.role != "champion", one.live.log_loss))
    return table(columns, [_row(one) for one in ordered])


def _row(report: ModelReport) -> tuple[str, ...]:
    live = report.live
    kept = percent(report.trial.accuracy) if report.trial else "–"
    figures = (f"{live.macro_f1:.3f}", f"{live.log_loss:.3f}", f"{live.calibration_error:.3f}")
    role = "candidate" if report.in_search else report.role
    return (report.name, role, percent(live.accuracy), *figures, percent(live.coverage), kept)


def _about_proof(against: Against) -> str:
    proven = against.evidence >= against.needed
    return "The test says that it is better." if proven else "The test does not say that it is better, so far."


def _against(against: Against) -> str:
    rows = (
        ("verdicts that both judged", f"{against.verdicts:,}"),
        ("difference in accuracy", f"{100 * against.accuracy:+.2f} points"),
        ("difference in log loss", f"{against.log_loss:+.4f}"),
        ("evidence that it is better", f"{against.evidence:.3g} (needed: {against.needed:g})"),
        ("what got worse", ", ".join(against.worse) or "nothing"),
    )
    return table(("", ""), rows)


def _curve(name: str, reports: Sequence[ModelReport]) -> Any:
    figure = empty_figure("verdicts", "accuracy before learning")
    for report in sorted(reports, key=lambda one: one.name == name):
        curve = report.live.curve
        ours = report.name == name
        line = {"color": BLUE if ours else None, "width": 2.5 if ours else 1}
        y = [point.accuracy for point in curve]
        figure.add_scatter(x=[point.verdicts for point in curve], y=y, name=escape(report.name), line=line)
    figure.update_yaxes(tickformat=".0%")
    return figure


def _calibration(grades: Grades) -> Any:
    figure = empty_figure("it says: I am this sure", "so often it was right")
    dashed = {"color": GREY, "dash": "dash"}
    figure.add_scatter(x=[0, 1], y=[0, 1], mode="lines", name="perfect", line=dashed, hoverinfo="skip")
    bins = grades.calibration
    sizes = [6 + 26 * one.share**0.5 for one in bins]
    figure.add_scatter(
        x=[one.promised for one in bins],
        y=[one.right for one in bins],
        mode="markers+lines",
        name="this model",
        text=[f"{percent(one.share)} of the stream" for one in bins],
        marker={"size": sizes, "color": BLUE, "opacity": 0.75},
        line={"color": BLUE, "width": 1},
    )
    figure.update_xaxes(tickformat=".0%", range=[0, 1.03])
    figure.update_yaxes(tickformat=".0%", range=[0, 1.05])
    return figure


def _labels(grades: Grades) -> str:
    ordered = sorted(grades.labels.items(), key=lambda pair: -pair[1].share)
    rows = [
        (label, percent(one.share), percent(one.precision), percent(one.recall), f"{one.f1:.3f}")
        for label, one in ordered
    ]
    return table(("label", "share of the stream", "precision", "recall", "F1"), rows)


def _confusion(grades: Grades) -> str:
    shown = sorted(grades.labels, key=lambda label: -grades.labels[label].share)[:LABELS_SHOWN]
    said = list(dict.fromkeys([*shown, *(name for row in grades.confusion.values() for name in row)]))[
        : LABELS_SHOWN + 1
    ]
    rows = [(true, *(percent(grades.confusion.get(true, {}).get(name, 0.0), 2) for name in said)) for true in shown]
    return table(("", *said), rows)
