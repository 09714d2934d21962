"""The figures of a replay as tables for people."""

from collections.abc import Mapping
from typing import Any

from winnow.cli.terminal import say, say_pairs, say_table

Values = Mapping[str, Any]


def say_study(values: Values) -> None:
    """Prints what came out: the first run, the spread over salts, and the other targets."""
    say_pairs(f"{values['task']}: {values['model']['name']}, target {percent(values['target'])}", rows(values))
    if values["target"] == 0:
        say("A target of 0 is never reached: the machine labels nothing, every record goes to people.")
    if "spread" in values:
        _say_spread(values["spread"])
    if "targets" in values:
        _say_targets(values["targets"])


def rows(values: Values) -> dict[str, str]:
    """The figures of one run by their names for people."""
    certificate = values["certificate"] or {}
    best = values["best_fixed_threshold"]
    return {
        "records": f"{values['records']:,}" + (f" ({values['dead']:,} lines left out)" if values["dead"] else ""),
        "labelled by the machine": f"{values['auto']:,} ({percent(values['coverage'])})",
        "of these wrong": f"{values['auto_errors']:,} ({percent(values['auto_error'])})",
        "of these wrong at most, proven": percent(certificate.get("error_at_most")),
        "wrong in the worst 2,000": percent(values["worst_window"]),
        "reviews by people": f"{values['reviews']['total']:,} (of these {values['audits']:,} audits)",
        "left without a label": _left(values),
        "taken back before release": f"{values['recalled']:,}",
        "first label after": f"{values['first_auto']:,} records" if values["first_auto"] is not None else "never",
        "alarms": _alarms(values),
        "model right on": percent(values["model"]["accuracy"]),
        **({"search over settings": _search(values["search"])} if "search" in values else {}),
        "best fixed threshold, in hindsight": f"{percent(best['coverage'])} at {percent(best['error'])} wrong",
        "records per second": f"{values['records_per_second'] or 0:,.0f}",
    }


def _search(search: Values) -> str:
    if search["survivor"] is None:
        return f"not over after {len(search['rounds'])} rounds: too few answers"
    found = f"{search['survivor']} after {search['after']:,} answers"
    for version, name in search["promoted"]:
        found += f"; {name} would decide after {version:,}"
    if search["gain"]:
        found += f"; beside {search['decides']}: {search['gain']}"
    return found + f" (--model '{search['survivor']}' replays it)"


def _left(values: Values) -> str:
    by_budget = f" (of these {values['left_by_budget']:,} by the budget)" if values["left_by_budget"] else ""
    return f"{values['unlabelled']:,}{by_budget}"


def _alarms(values: Values) -> str:
    alarms = values["alarms"]
    return ", ".join(f"{alarm['kind']} at {alarm['at']:,}" for alarm in alarms) if alarms else "none"


def _say_spread(spread: Values) -> None:
    def row(name: str, show: Any) -> tuple[str, str, str, str]:
        mean, span = spread["mean"][name], spread["range"][name]
        return name.replace("_", " "), show(mean), show(span[0] if span else None), show(span[1] if span else None)

    shares = [row(name, percent) for name in ("coverage", "auto_error", "worst_window", "best_fixed_coverage")]
    counts = [row(name, _count) for name in ("reviews", "audits", "recalled", "first_auto", "alarms", "violations")]
    say_table(f"Over {len(spread['salts'])} salts", ("", "mean", "lowest", "highest"), shares + counts)


def _say_targets(targets: list[Values]) -> None:
    found = [
        (
            percent(each["target"]),
            percent(each["mean"]["coverage"]),
            percent(each["mean"]["auto_error"]),
            _count(each["mean"]["reviews"]),
            percent(each["mean"]["best_fixed_coverage"]),
        )
        for each in targets
    ]
    columns = ("target", "labelled by the machine", "wrong", "reviews", "best fixed threshold, in hindsight")
    say_table("What other targets cost", columns, found)


def percent(share: float | None) -> str:
    """A share as people write it."""
    return "–" if share is None else f"{100 * share:.2f} %"


def _count(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}"
