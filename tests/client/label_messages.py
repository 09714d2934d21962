"""Labels and certificates as the services write them."""

from datetime import UTC, datetime, timedelta

from winnow_schemas.certificates import Certificate
from winnow_schemas.labels import Label

START = datetime(2026, 1, 1, tzinfo=UTC)


def label(record="r", source="auto", *, offset=0, revision=1, policy=5, name="spam", stream="aaaaaaaa", at=None):
    return Label(
        record_id=record,
        label=None if source == "recall" else name,
        source=source,
        revision=revision,
        decision_id=f"{stream}/0/{offset}",
        policy_version=policy,
        decided_at=START + timedelta(seconds=offset if at is None else at),
        at=START,
    )


def certificate(version, released, withdrawn=()):
    return Certificate(
        version=version,
        epoch=1,
        released=released,
        withdrawn=list(withdrawn),
        labels=0,
        wrong_at_most=0,
        target=0.05,
        met=True,
        confidence=0.95,
        state="auto",
        at=START,
    )
