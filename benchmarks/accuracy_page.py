"""The accuracy benchmark as Markdown."""

from collections.abc import Iterator, Sequence

from benchmarks.accuracy_plan import LEAST, AccuracyResults
from benchmarks.accuracy_run import COPIES_SETTLED, SETTLED
from benchmarks.data_sets import DATA_SETS, DataSet
from benchmarks.run_cache import Values

BEGIN, END = "<!-- accuracy: written by make bench-learning -->", "<!-- end of accuracy -->"
FEWEST_IN_A_TENTH = 100
_COLUMNS = ("data", "asked for", "chosen", "macro-F1", "decided at the end", "best single model", "others", "reached")


def page(results: AccuracyResults) -> str:
    """The tables, and what they rest on."""
    rows = [_row(data, results) for data in DATA_SETS.values() if results.chosen(data)]
    return "\n\n".join([_about(results), _table(_COLUMNS, rows), *_functions(results.functions)]) + "\n"


def _about(results: AccuracyResults) -> str:
    said = ", ".join(f"{name} {found}" for name, found in results.about["versions"].items())
    records = results.about["records_at_most"]
    short = f"**A quick look: the first {records:,} records of each file, not judged.** " if records else ""
    missing = [row for row in results.plan.rows if row not in results.runs]
    waiting = f" Not run: {', '.join(missing)}." if missing else ""
    return f"{short}In the order of the file, at most 50,000 records. Code {results.about['code']}; {said}.{waiting}"


def _row(data: DataSet, results: AccuracyResults) -> list[str]:
    run, singles = results.chosen(data), results.singles(data)
    assert run is not None
    best, *others = sorted(singles, key=lambda name: -singles[name]["accuracy"])
    reached = results.reached(data)
    asked = f"{100 * LEAST[data.name]:g}" if data.name in LEAST else "F1 of logistic"
    return [
        data.title,
        asked,
        f"**{_percent(run['chosen']['accuracy'])}**",
        f"{run['chosen']['macro_f1']:.3f}",
        run["champions"][-1] if run["champions"] else "committee",
        f"{best} {_percent(singles[best]['accuracy'])}",
        ", ".join(f"{name} {_percent(singles[name]['accuracy'])}" for name in others),
        "" if reached is None else "yes" if reached else "**no**",
    ]


def _functions(values: Values | None) -> Iterator[str]:
    if values is None:
        return
    best = max(values["members"], key=values["members"].__getitem__)
    settled, without = _percent(values["settled"]), _percent(values["without"]["settled"])
    yield (
        "Labelling functions ([spam_rules.py](examples/spam_rules.py)) beside the text pool, on SpamAssassin. After"
        f" {SETTLED} verdicts right: **{settled} %** (without functions {without}, the best member, {best},"
        f" {_percent(values['members'][best])}). A copy of one function moves no score after {COPIES_SETTLED:,}"
        f" verdicts by more than **{values['copies_move']:.3f}** (.02 is allowed). Tenths with at least"
        f" {FEWEST_IN_A_TENTH} records are promised within **{100 * worst_tenth(values):.1f}** points (5 are allowed):"
    )
    columns = ("top probability", "records", "promised", "right")
    yield _table(columns, [[f"{p:.2f}", f"{n:.0f}", f"{p:.3f}", f"{r:.3f}"] for n, p, r in values["calibration"]])


def worst_tenth(values: Values) -> float:
    """How far a tenth of the scores with records enough is from what came true."""
    return max(abs(float(p) - float(r)) for n, p, r in values["calibration"] if n >= FEWEST_IN_A_TENTH)


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"
