"""How often each label comes: some come never, or too seldom to be learned or proven."""

from collections import Counter
from collections.abc import Sequence

from winnow.core.checks.labelled_record import Finding, LabelledRecord

FEW = 20


def check_balance(records: Sequence[LabelledRecord], labels: Sequence[str]) -> list[Finding]:
    """One finding with all shares, and one each for labels that are missing or rare."""
    counts = Counter(record.label for record in records)
    named = list(dict.fromkeys((*labels, *counts)))
    shares = {label: counts[label] / len(records) for label in named}
    told = ", ".join(
        f"{label} {shares[label]:.1%}" for label in sorted(named, key=counts.__getitem__, reverse=True)[:8]
    )
    more = f" and {len(named) - 8} more" if len(named) > 8 else ""
    findings = [Finding("balance", "fine", f"labels: {told}{more}", (), shares)]
    never = [label for label in named if not counts[label]]
    rare = [label for label in named if 0 < counts[label] < FEW]
    if never:
        findings.append(Finding("balance", "look", f"no record has the label {_named(never)}"))
    if rare:
        lines = [record.line for record in records if record.label in rare]
        findings.append(Finding("balance", "look", f"fewer than {FEW} records have the label {_named(rare)}", lines))
    return findings


def _named(labels: Sequence[str]) -> str:
    shown = ", ".join(labels[:5])
    return f"{shown} and {len(labels) - 5} more" if len(labels) > 5 else shown
