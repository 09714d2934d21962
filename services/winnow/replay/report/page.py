"""Puts words, tables and plots on one page that needs nothing from outside."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from winnow.replay.course import Course
from winnow.replay.report import plots, words
from winnow.replay.report.pieces import page_of, plot, section, table
from winnow.replay.report.words import number, percent

Values = Mapping[str, Any]


def page(values: Values, course: Course, file_name: str) -> str:
    """The whole page, for the figures of a study and the course of its first run."""
    body = "\n".join(_sections(values, course))
    return page_of(
        "page.html",
        title=escape(f"{values['task']}: {percent(values['coverage'])} by the machine"),
        task=escape(values["task"]),
        file=escape(file_name),
        headline=escape(words.headline(values)),
        verdict=escape(words.verdict(values)),
        tiles=_tiles(values),
        conditions=escape(words.conditions(values)),
        body=body,
    )


def _sections(values: Values, course: Course) -> Iterable[str]:
    yield section("What it costs and saves", words.savings(values), _reasons(values))
    yield section(
        "How often the machine was wrong",
        "The blue line is the truth, known here because the file has the true labels. Winnow does not see it: "
        "it knows only the checks, and from them proves the orange line. "
        "Red upright lines are alarms. " + words.hindsight(values),
        plot(plots.error_over_time(values, course), "error") if values["auto"] else "",
    )
    yield section(
        "Who labelled what, over time",
        "From the first record to the last. The machine begins when enough answers have shown that it can be trusted.",
        plot(plots.who_labelled(values, course), "who"),
    )
    yield section(
        "How sure the machine had to be",
        "The machine may label a record when it is surer than this line. Winnow moves it as the answers come in. "
        "Where there is no line the machine was not allowed to use that label.",
        plot(plots.thresholds(values, course), "thresholds"),
    )
    yield section("Alarms", _about_alarms(values), _alarms(values))
    yield section(
        "Can the machine's own certainty be believed?",
        "If it could, all points would lie on the dashed line. Points below it mean that the machine is less often "
        "right than it says. Winnow does not rely on these numbers: it learns from the answers which to believe.",
        plot(plots.calibration(course), "calibration"),
    )
    yield section("Label by label", "", _labels(values))
    if "targets" in values:
        yield _targets(values["targets"])
    if "spread" in values:
        yield section(
            "How much of this is chance",
            "Which records are checked is decided by tossing coins. The same file again, with other coins:",
            _spread(values["spread"]),
        )


def _tiles(values: Values) -> str:
    proven = (values["certificate"] or {}).get("error_at_most")
    tiles = (
        ("labelled by the machine", percent(values["coverage"]), f"{number(values['auto'])} records"),
        ("of these wrong", percent(values["auto_error"]), f"you asked for at most {percent(values['target'])}"),
        ("wrong at most, proven", percent(proven), "from the checks alone"),
        ("reviews by people", number(values["reviews"]["total"]), f"of {number(values['records'])} records"),
        ("alarms", number(len(values["alarms"])), f"{number(values['recalled'])} labels taken back"),
    )
    return "".join(
        f"<div class=tile><b>{escape(value)}</b><span>{escape(name)}</span><small>{escape(note)}</small></div>"
        for name, value, note in tiles
    )


def _reasons(values: Values) -> str:
    reviews = values["reviews"]
    ordered = sorted(reviews["by_reason"].items(), key=lambda pair: -pair[1])
    rows = [
        (words.REASONS.get(reason, reason), number(count), percent(count / reviews["total"]))
        for reason, count in ordered
    ]
    return table(("why people saw a record", "records", "share of the reviews"), rows) if rows else ""


def _about_alarms(values: Values) -> str:
    if not values["alarms"]:
        return "None: the checks never gave cause for it."
    return (
        "An alarm stops the machine and takes back its labels of the last while, those not yet released for use. "
        "It goes on when new answers show that it can be trusted again."
    )


def _alarms(values: Values) -> str:
    rows = [
        (number(alarm["at"]), words.ALARMS.get(alarm["kind"], alarm["kind"]), _back(alarm["back"]))
        for alarm in values["alarms"]
    ]
    return table(("at record", "what had happened", "the machine labelled again"), rows) if rows else ""


def _back(records: int | None) -> str:
    return f"after {number(records)} records" if records is not None else "not any more"


def _labels(values: Values) -> str:
    rows = [
        (
            label,
            number(figures["records"]),
            percent(figures["right"] / figures["predicted"] if figures["predicted"] else None),
            number(figures["auto"]),
            number(figures["auto_errors"]),
            percent(figures["auto_error"]),
        )
        for label, figures in values["labels"].items()
        if label
    ]
    columns = (
        "label",
        "records in the file",
        "model right when it says so",
        "labelled by the machine",
        "of these wrong",
        "share",
    )
    return table(columns, rows)


def _targets(targets: Sequence[Values]) -> str:
    rows = [
        (
            percent(each["target"]),
            percent(each["mean"]["coverage"]),
            percent(each["mean"]["auto_error"]),
            number(each["mean"]["reviews"]),
            number(each["mean"]["alarms"]),
        )
        for each in targets
    ]
    both_ways = table(("target", "labelled by the machine", "of these wrong", "reviews", "alarms"), rows)
    left, right = plots.targets_curve(targets), plots.targets_error(targets)
    both = f"<div class=two>{plot(left, 'targets')}{plot(right, 'target-errors')}</div>"
    text = "How much the machine labels depends on how many errors you can live with."
    return section("What another target would cost", text, both + both_ways)


_SPREAD_WORDS = {
    "coverage": "labelled by the machine",
    "auto_error": "of these wrong",
    "worst_window": "wrong in the worst 2,000",
    "reviews": "reviews",
    "audits": "checks among them",
    "recalled": "labels taken back",
    "alarms": "alarms",
}
_SHARES = frozenset({"coverage", "auto_error", "worst_window"})


def _spread(spread: Values) -> str:
    def row(name: str) -> tuple[str, str, str, str]:
        show = percent if name in _SHARES else number
        low, high = spread["range"][name] or (None, None)
        return _SPREAD_WORDS[name], show(spread["mean"][name]), show(low), show(high)

    return table(("", "mean", "lowest", "highest"), [row(name) for name in _SPREAD_WORDS])
