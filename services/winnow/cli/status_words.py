"""What the monitor says, in rows for people: the machine's state, what is proven, what was taken back. Pure."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from winnow.demo.report_words import count, of_certificate, percent_at_most, share_of
from winnow_schemas.certificates import Certificate
from winnow_schemas.drift_alarms import DriftAlarm
from winnow_schemas.policies import Policy

Rows = list[tuple[str, str]]
_RANGES_SHOWN = 5
_STATES = {
    "cold": "cold: too few answers yet, everything goes to people",
    "building": "building: no threshold keeps the target yet, everything goes to people",
    "probation": "probation: labels what it is sure of, and is audited more closely",
    "auto": "auto: labels what it is sure of",
    "suspended": "suspended: an alarm closed the gate, everything goes to people until it is earned anew",
    "halted": "halted: everything goes to people until `winnow resume`",
}


def machine(policy: Policy | None, now: datetime) -> Rows:
    """The policy in force."""
    if policy is None:
        return [("state", "no policy yet: everything goes to people")]
    state = _STATES[policy.state]
    if policy.valid_until < now:
        state = f"stale since {time_of(policy.valid_until)}, is the monitor up? Everything goes to people"
    if policy.target <= 0:
        state = "a target of 0 is never reached: nothing is ever labelled by the machine"
    thresholds = ", ".join(f"{label} {value:.4f}" for label, value in policy.thresholds.items())
    rows = [
        ("state", state),
        ("epoch, chapter", f"{policy.epoch}, {policy.chapter}"),
        ("policy version", f"{policy.version} of {time_of(policy.at)}"),
        ("labels above (top probability)", thresholds or "nothing"),
        ("audits among these", f"{share_of(policy.audit_rate, 1)} (in the ledger {share_of(policy.ledger_rate, 1)})"),
    ]
    if policy.open_share < 1:
        rows.append(("labels at most", f"{share_of(policy.open_share, 1)} of the records, for want of reviewers"))
    if policy.review_share is not None:
        rows.append(("people are asked about at most", f"{share_of(policy.review_share, 1)} of the records"))
    return rows


def certificate(stated: Certificate | None) -> Rows:
    """What is proven."""
    if stated is None:
        return [("proven", of_certificate(None))]
    return [
        ("target", f"at most {percent_at_most(stated.target)} of the machine's labels wrong"),
        ("proven", of_certificate(stated)),
        ("wrong at most", f"{stated.wrong_at_most:.1f} of {count(stated.labels, 'released label')}"),
        ("released up to policy version", str(stated.released) if stated.released >= 0 else "none yet"),
    ]


def taken_back(stated: Certificate | None, alarms: Sequence[DriftAlarm], recalls: Mapping[str, int | None]) -> Rows:
    """Alarms, withdrawn policy versions, and how far review is with the single recalls."""
    rows = [("alarms", str(len(alarms)))]
    rows += [("the last one", f"{time_of(alarm.at)}: {alarm.message} ({alarm.kind})") for alarm in alarms[-1:]]
    rows += [("withdrawn policy versions", _ranges(stated.withdrawn if stated else []))]
    names = {"waiting": "labels waiting for their recall", "open": "recalled, waiting for people"}
    return rows + [(name, "unknown" if recalls[key] is None else str(recalls[key])) for key, name in names.items()]


def queue(values: Mapping[str, Mapping[str, Any]] | None) -> list[tuple[str, Any, Any, Any, Any]]:
    """A row for each review worker."""
    names = ("open", "leased", "oldest_s", "reviewers")
    return [
        (source, *(of_source.get(name, "") for name in names)) for source, of_source in sorted((values or {}).items())
    ]


def _ranges(ranges: Sequence[tuple[int, int]]) -> str:
    shown = [f"{first}..{last}" for first, last in ranges[-_RANGES_SHOWN:] if last >= 0]
    older = f"{len(ranges) - _RANGES_SHOWN} older ones, " if len(ranges) > _RANGES_SHOWN else ""
    return (older + ", ".join(shown)) or "none"


def time_of(moment: datetime) -> str:
    """To the second, for people."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
