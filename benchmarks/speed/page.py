"""The tables of `make bench` as Markdown."""

from collections.abc import Iterable, Iterator, Sequence

from benchmarks.speed.clients import PASS_THROUGH, PEERS, RIVER_LOOP, WINNOW, Program
from benchmarks.speed.deployment import AUDIT_RATE
from benchmarks.speed.results import SpeedResults, Spread
from benchmarks.speed.rows import COMPARISONS, ROWS, VERDICTS, Comparison, Row
from benchmarks.speed.stage import SURE_SHARE

_PEER_ROW = ROWS[0]
_BY_NAME = {(one.row, one.other): one for one in COMPARISONS}


def page(results: SpeedResults) -> str:
    """All tables, and how the figures came about."""
    parts = ["# Speed benchmark", _METHOD, _about(results), "## Who does the same", peers_table(results)]
    parts += [
        "![Processor time per record](speed.svg)",
        "## Winnow beside River, model by model",
        models_table(results),
    ]
    return "\n\n".join([*parts, *_missing(results)]) + "\n"


def readme_part(results: SpeedResults) -> str:
    """What the README shows."""
    parts = [peers_table(results), models_table(results), _about(results)]
    return "\n\n".join(parts) + "\n"


_METHOD = (
    "One real Kafka, one broker core, one client core. Every program reads the same records (18 numbers, about"
    " 290 bytes; or texts of 60 words), checks each, scores it with a model that learned the same"
    f" {VERDICTS:,} verdicts, and writes a label or, for the {100 * (1 - SURE_SHARE):.0f} of 100 it is least sure of, a"
    " review request. Winnow does all it does in production: full contracts, coins, propensities, versions, evidence,"
    f" metrics, exactly once; of what it could label it sends {100 * AUDIT_RATE:.1f} of 100 to blind audits. **CPU** is"
    " user and system time of the client's process with all its threads and children, per record, between two commits:"
    " start-up and the first records are left out. A ratio is the median over rounds, in each of which all programs ran"
    " one after the other; in brackets the lowest and the highest round. Records per second are by the wall clock, with"
    " a broker that has one core."
)


def peers_table(results: SpeedResults) -> str:
    """Everybody on the logistic row, the quickest first."""
    programs = [one for one in (WINNOW, PASS_THROUGH, RIVER_LOOP, *PEERS) if results.cpu_us(_PEER_ROW.name, one.name)]
    programs.sort(key=lambda one: _median(results.cpu_us(_PEER_ROW.name, one.name)))
    heads = ("logistic, 18 numbers", "promises", "CPU, µs a record", "records/s", "Winnow is … times as fast", "wanted")
    return _table(heads, (_peer_cells(results, program) for program in programs))


def models_table(results: SpeedResults) -> str:
    """Winnow and the loop with River, for each model."""
    heads = ("model", "Winnow, µs a record", "River one by one", "times as fast", "wanted")
    return _table(heads, (cells for row in ROWS if (cells := _model_cells(results, row))))


def _peer_cells(results: SpeedResults, program: Program) -> Sequence[str]:
    cpu = results.cpu_us(_PEER_ROW.name, program.name)
    rate = results.records_per_second(_PEER_ROW.name, program.name)
    assert cpu
    assert rate
    name = f"**{program.title}**" if program == WINNOW else program.title
    cells = (name, program.promise, _figures(cpu), f"{rate.median:,.0f}")
    comparison = _BY_NAME.get((_PEER_ROW.name, program.name))
    return (*cells, *(_judged(results, comparison) if comparison else ("", "")))


def _model_cells(results: SpeedResults, row: Row) -> Sequence[str] | None:
    ours, theirs = results.cpu_us(row.name, WINNOW.name), results.cpu_us(row.name, RIVER_LOOP.name)
    if not ours or not theirs:
        return None
    return (row.title, _figures(ours), _figures(theirs), *_judged(results, _BY_NAME[row.name, RIVER_LOOP.name]))


def _judged(results: SpeedResults, comparison: Comparison) -> tuple[str, str]:
    ratio = results.ratio(comparison)
    if not ratio:
        return "–", f"≥ {comparison.at_least:g}"
    reached = "reached" if ratio.median >= comparison.at_least else "**missed**"
    return _figures(ratio), f"≥ {comparison.at_least:g}: {reached}"


def _about(results: SpeedResults) -> str:
    about, machine = results.about, results.about["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in about["versions"].items())
    return (
        f"Measured {about['at'][:10]} at {about['commit']}, {about['rounds']} rounds, on {machine['cores']} cores"
        f" ({machine['processor']}), load {machine['load'][1]:g}. {versions}."
    )


def _missing(results: SpeedResults) -> Iterator[str]:
    done = {(row, program) for row, programs in results.runs.items() for program in programs}
    wanted = {(row.name, program.name) for row in ROWS for program in row.programs}
    if absent := sorted("/".join(pair) for pair in wanted - done):
        yield f"**Not measured:** {', '.join(absent)}"


def _figures(spread: Spread) -> str:
    return f"{_figure(spread.median)} ({_figure(spread.lowest)}–{_figure(spread.highest)})"


def _figure(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _median(spread: Spread | None) -> float:
    return spread.median if spread else float("inf")


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---", *["--:"] * (len(heads) - 1)], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
