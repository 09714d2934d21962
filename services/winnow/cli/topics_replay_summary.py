"""What a replay of the topics found, for people."""

from winnow.cli.replay_summary import percent
from winnow.cli.terminal import complain, say, say_pairs
from winnow.replay.topics import Difference, Findings, Tally

_LONGEST = 200
_WAYS = {
    "snapshot": "model from models (signed snapshot)",
    "verdicts": "model from verdicts, learned anew",
    "none": "decided without a model",
}


def say_findings(findings: Findings) -> None:
    """A table, the differences that were kept, and one line that says whether all is equal."""
    say_pairs("Decisions made again", _rows(findings))
    for tally in (findings.decisions, findings.dead_letters, findings.statements):
        _complain_of(tally)
    if findings.statements_left_out:
        say(f"what the monitor said was not made again: {findings.statements_left_out}")
    if findings.holds:
        say("everything that could be made again is equal")


def what_differs(findings: Findings) -> str:
    """Why it does not hold, in a few words."""
    tallies = {
        "decisions": findings.decisions,
        "dead letters": findings.dead_letters,
        "policies, certificates or alarms": findings.statements,
    }
    parts = [f"{tally.different} {name} differ" for name, tally in tallies.items() if tally.different]
    if findings.unreadable:
        parts.append(f"{findings.unreadable} messages break their contract")
    return "; ".join(parts)


def _rows(findings: Findings) -> dict[str, object]:
    decisions = findings.decisions
    compared = decisions.equal + decisions.different
    rows: dict[str, object] = {
        "records": findings.records,
        "decisions": compared + findings.not_recomputable.total(),
        "equal": decisions.equal,
        "of these to the last bit": percent(decisions.exact / decisions.equal if decisions.equal else None),
        "different": decisions.different,
    }
    rows |= {f"cannot be made again: {why}": count for why, count in sorted(findings.not_recomputable.items())}
    rows |= {words: findings.ways[way] for way, words in _WAYS.items() if findings.ways[way]}
    rows |= {
        "told again elsewhere (verdicts, reopened, left)": findings.repetitions,
        "records without a decision (waiting, or compacted away)": findings.without_decision,
        "dead letters broken on reading again": _of(findings.dead_letters),
    }
    rows |= {f"{topic} made again from evidence": count for topic, count in findings.told.items()}
    return rows | ({"of these equal": _of(findings.statements)} if findings.told else {})


def _of(tally: Tally) -> str:
    return f"{tally.equal} of {tally.equal + tally.different}"


def _complain_of(tally: Tally) -> None:
    for difference in tally.differences:
        complain(_line(difference))
    if tally.different > len(tally.differences):
        complain(f"{tally.different - len(tally.differences)} more that differ")


def _line(difference: Difference) -> str:
    sides = "; ".join(
        f"{deviation.field}: recorded {_short(deviation.recorded)}, made again {_short(deviation.recomputed)}"
        for deviation in difference.deviations
    )
    return f"{difference.what} ({difference.where}): {sides}"


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
