"""What `winnow status` says of the machine, the certificate and what was taken back."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from winnow.cli import status_words
from winnow_schemas.certificates import Certificate
from winnow_schemas.drift_alarms import DriftAlarm
from winnow_schemas.policies import Policy

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


def policy(**changes: Any) -> Policy:
    values: dict[str, Any] = {
        "version": 120,
        "epoch": 2,
        "state": "auto",
        "thresholds": {"ham": 0.91},
        "audit_rate": 0.16,
        "ledger_rate": 0.08,
        "target": 0.05,
        "confidence": 0.95,
        "salt_id": "abcd",
        "at": NOW,
        "valid_until": NOW + timedelta(seconds=60),
    }
    return Policy(**{**values, **changes})


def certificate(**changes: Any) -> Certificate:
    values: dict[str, Any] = {
        "version": 130,
        "epoch": 2,
        "released": 118,
        "withdrawn": [(-1, 3), (40, 60)],
        "labels": 2000,
        "wrong_at_most": 77.2,
        "error_at_most": 0.0386,
        "target": 0.05,
        "met": True,
        "confidence": 0.95,
        "state": "auto",
        "at": NOW,
    }
    return Certificate(**{**values, **changes})


@pytest.mark.parametrize(
    ("stated", "says"),
    [
        (None, "no policy yet: everything goes to people"),
        (policy(), "auto: labels what it is sure of"),
        (policy(state="halted"), "until `winnow resume`"),
        (policy(valid_until=NOW - timedelta(seconds=1)), "is the monitor up?"),
        (policy(target=0.0, state="cold"), "nothing is ever labelled by the machine"),
    ],
)
def test_the_state_is_told_in_words(stated: Policy | None, says: str) -> None:
    assert says in dict(status_words.machine(stated, NOW))["state"]


def test_thresholds_and_audits_are_told() -> None:
    rows = dict(status_words.machine(policy(), NOW))

    assert rows["labels above (top probability)"] == "ham 0.9100"
    assert rows["audits among these"] == "16 % (in the ledger 8 %)"


def test_what_is_proven_is_a_sentence() -> None:
    rows = dict(status_words.certificate(certificate()))

    assert rows["proven"] == "at most 3.9 % of 2,000 released labels are wrong, with 95 % confidence: target met"
    assert "nothing yet" in dict(status_words.certificate(None))["proven"]


def test_alarms_withdrawn_versions_and_waiting_recalls_are_told() -> None:
    alarm = DriftAlarm(kind="errors", version=60, epoch=1, message="audits are wrong", at=NOW)

    rows = dict(status_words.taken_back(certificate(), [alarm], {"waiting": 7, "open": None}))

    assert rows["alarms"] == "1"
    assert rows["the last one"] == "2026-01-01 12:00:00 UTC: audits are wrong (errors)"
    assert rows["withdrawn policy versions"] == "-1..3, 40..60"
    assert rows["labels waiting for their recall"] == "7"
    assert rows["recalled, waiting for people"] == "unknown"


def test_of_many_withdrawn_ranges_the_newest_are_shown() -> None:
    ranges = [(10 * number, 10 * number + 2) for number in range(8)]

    rows = dict(status_words.taken_back(certificate(withdrawn=ranges), [], {"waiting": 0, "open": 0}))

    assert rows["withdrawn policy versions"] == "3 older ones, 30..32, 40..42, 50..52, 60..62, 70..72"
