"""The tables of the risk benchmark as Markdown."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from statistics import fmean
from typing import Any

from benchmarks.marked_page import replaced
from benchmarks.pass_rule import Verdict, judge, pooled_error, promise
from benchmarks.peers.choices import NAMES
from benchmarks.risk_plan import PEER_TARGET
from benchmarks.risk_results import RiskResults
from benchmarks.risk_rows import ROWS_BY_NAME, Row
from benchmarks.run_cache import Values
from benchmarks.words import MODELS, figure, percent

BEGIN, END = "<!-- results: written by make bench-risk -->", "<!-- end of results -->"

_COLUMNS = (
    "data",
    "model",
    "target",
    "labelled",
    "wrong",
    "worst 2,000",
    "audits",
    "people saw",
    "first",
    "alarms",
    "proof broken",
    "best fixed",
    "reached",
)


def write_into(page_text: str, results_text: str, pictures: str) -> str:
    """The page with what stands between the two marks replaced; `pictures` is the way to their folder."""
    return replaced(page_text, BEGIN, END, results_text.replace("](risk-", f"]({pictures}risk-"))


def page(results: RiskResults) -> str:
    """All tables, and what they rest on."""
    parts = [_about(results), _ledger(results), *_missing(results), _rows_table(results)]
    parts += ["![Coverage by row](risk-coverage.svg)", "![Error in targets](risk-error.svg)"]
    if any(results.every.values()):
        parts += ["### Others, on the same scores", _EVERY, _peer_table(results, results.every)]
    if any(results.own.values()):
        parts += ["### Others, when they pay for their labels", _OWN, _peer_table(results, results.own)]
        parts.append("![Coverage and error of everybody](risk-peers.svg)")
    return "\n\n".join(parts) + "\n"


_EVERY = (
    "Labelled by the machine / of these wrong / worst 2,000, in %. One model scores each record; it has learned from"
    " **every** label, 200 records late, which nobody would pay for. Winnow's line is its closed loop: its model"
    " learned only from what people saw; the mean of its salts."
)
_OWN = "The same, but each model learns only from the records that its strategy sent to people, as Winnow's does."


def _about(results: RiskResults) -> str:
    about, extent = results.about, results.extent
    said = ", ".join(f"{name} {found}" for name, found in about["versions"].items())
    short = (
        f"**A quick look: the first {extent.records:,} records of each file, not judged.** " if extent.records else ""
    )
    salts = f"{extent.salts} salt{'s' if extent.salts > 1 else ''}"
    return (
        f"{short}{len(extent.rows)} rows, {salts} each, answers after {about['delay_records']} records."
        f" Code {about['code']['replays']}; {said}."
    )


def _ledger(results: RiskResults) -> str:
    runs = [run for of_row in results.runs.values() for run in of_row]
    checkpoints = sum(run["checkpoints"] for run in runs)
    verdicts = [judge(row, done) for row, done in _complete(results)]
    reached = f" Rows reached: {sum(each.passed for each in verdicts)} of {len(verdicts)}." if verdicts else ""
    return f"{promise(runs)} There were {checkpoints:,} checkpoints.{reached}"


def _complete(results: RiskResults) -> Iterator[tuple[Row, Sequence[Values]]]:
    """Rows that can be judged: all salts are there, on whole files."""
    if results.extent.records is None:
        for name, runs in results.runs.items():
            if len(runs) == results.extent.salts:
                yield ROWS_BY_NAME[name], runs


def _missing(results: RiskResults) -> list[str]:
    wanted = results.extent.salts
    waiting = [f"{name} ({len(runs)} of {wanted})" for name, runs in results.runs.items() if len(runs) < wanted]
    return [f"**Not finished:** {', '.join(waiting)}. Start the same command again."] if waiting else []


def _rows_table(results: RiskResults) -> str:
    verdicts = {row.name: judge(row, runs) for row, runs in _complete(results)}
    rows = [_row(ROWS_BY_NAME[name], runs, verdicts.get(name)) for name, runs in results.runs.items() if runs]
    return _table(_COLUMNS, rows)


def _row(row: Row, runs: Sequence[Values], verdict: Verdict | None) -> list[str]:
    was = row.published
    shares = [run["coverage"] for run in runs]
    span = f" ({percent(min(shares))}–{percent(max(shares))})" if len(runs) > 1 else ""
    return [
        row.data.title,
        MODELS[row.model],
        f"{100 * row.target:g}",
        f"{figure(was.auto)} → **{percent(fmean(shares))}**{span}",
        f"{figure(was.error, 2)} → **{percent(pooled_error(runs), 2)}**",
        f"{figure(was.worst_window)} → {percent(_mean(runs, lambda run: run['worst_window']))}",
        f"{figure(was.audit)} → {percent(_mean(runs, lambda run: run['audit_share']))}",
        f"{was.reviews:,} → {figure(_mean(runs, lambda run: run['reviews']['total']), 0)}",
        f"{figure(was.first, 0)} → {figure(_mean(runs, lambda run: run['first_auto']), 0)}",
        f"{was.error_alarms}/{was.ledger_alarms} → {_alarms(runs, 'errors')}/{_alarms(runs, 'ledger')}",
        f"{sum(bool(run['violations']) for run in runs)} of {len(runs)}",
        f"{figure(was.best)} → {percent(_mean(runs, lambda run: run['best_fixed_threshold']['coverage']))}",
        "" if verdict is None else _word(verdict),
    ]


def _word(verdict: Verdict) -> str:
    if verdict.passed:
        return "yes"
    failed = [name for name, held in vars(verdict).items() if not held]
    return f"**no: {', '.join(failed)}**"


def _alarms(runs: Sequence[Values], kind: str) -> str:
    return f"{fmean(sum(alarm['kind'] == kind for alarm in run['alarms']) for run in runs):.1f}".removesuffix(".0")


def _mean(runs: Sequence[Values], read: Callable[[Values], float | None]) -> float | None:
    found = [value for run in runs if (value := read(run)) is not None]
    return fmean(found) if found else None


def _peer_table(results: RiskResults, peers: Mapping[str, Mapping[str, Values]]) -> str:
    pairs = [pair for pair in results.extent.pairs if peers[pair]]
    titles = [ROWS_BY_NAME[f"{pair}/{PEER_TARGET:g}"] for pair in pairs]
    columns = ["", *(f"{row.data.title} {MODELS[row.model]}" for row in titles)]
    rows = [["**Winnow, α = .05**", *(_winnow(results.runs.get(row.name, [])) for row in titles)]]
    for name, words in NAMES.items():
        cells = [_three(peers[pair].get(name)) for pair in pairs]
        if any(cell != "–" for cell in cells):
            rows.append([words, *cells])
    return _table(columns, rows)


def _winnow(runs: Sequence[Values]) -> str:
    if not runs:
        return "–"
    mean = fmean(run["coverage"] for run in runs)
    worst = _mean(runs, lambda run: run["worst_window"])
    return f"**{percent(mean)} / {percent(pooled_error(runs))} / {percent(worst)}**"


def _three(values: Mapping[str, Any] | None) -> str:
    if values is None:
        return "–"
    return " / ".join(percent(values[name]) for name in ("coverage", "auto_error", "worst_window"))


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
