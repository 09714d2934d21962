"""Labelled records as verdicts. The id of each is a digest of record and label, so that a file teaches once."""

import hashlib
from datetime import datetime
from typing import Literal, NamedTuple

from winnow_schemas.base import FunctionVotes
from winnow_schemas.codec import encode_record
from winnow_schemas.records import Record
from winnow_schemas.verdicts import Verdict, verdict_key

SEED_REVIEWER = "seed"
KEPT_BACK = 0.3
"""Share of a seed that no model learns, unless told otherwise."""
Use = Literal["trial"] | None
"""What a seeded record is for: to be learned, or to try models on."""


class Seeded(NamedTuple):
    """A labelled record, what labelling functions say of it where the task has some, and what it is for."""

    record: Record
    label: str
    function_votes: FunctionVotes | None = None
    use: Use = None


def seed_request_id(record: Record, label: str) -> str:
    """The same for the same record and label, however its fields are ordered in the file."""
    ordered: Record = _ordered(record)
    digest = hashlib.sha256(encode_record(ordered) + b"\0" + label.encode()).hexdigest()
    return f"seed/{digest[:32]}"


def seed_verdict(seeded: Seeded, now: datetime) -> Verdict:
    """A verdict that trains the models, or is kept back for their trials, and is no evidence about errors."""
    return Verdict(
        request_id=seed_request_id(seeded.record, seeded.label),
        revision=1,
        record=seeded.record,
        label=seeded.label,
        reason="seed",
        propensity=1.0,
        answers={SEED_REVIEWER: seeded.label},
        agreement=1.0,
        use=seeded.use,
        function_votes=seeded.function_votes,
        answered_at=now,
        at=now,
    )


def seed_key(seeded: Seeded) -> bytes:
    """Kafka key of that verdict."""
    return verdict_key(seed_request_id(seeded.record, seeded.label), 1)


def _ordered(record: Record) -> Record:
    ordered: Record = {}
    for name in sorted(record):
        value = record[name]  # type: ignore[literal-required]
        ordered[name] = dict(sorted(value.items())) if isinstance(value, dict) else value  # type: ignore[literal-required]
    return ordered
