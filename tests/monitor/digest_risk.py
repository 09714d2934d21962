"""A stand-in for the risk logic that forgives nothing: its state is a digest of all evidence in its order."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from winnow.monitor.published import Issued
from winnow_schemas.certificates import Certificate
from winnow_schemas.codec import encode
from winnow_schemas.drift_alarms import DriftAlarm
from winnow_schemas.evidence import Closed, Counts
from winnow_schemas.policies import Policy

WINDOW = 200


class DigestRisk:
    """Issues a policy after every 5th evidence, says it again after every 2nd; a certificate after every
    7th, two alarms after every 50th. What it issues depends on a window of the newest offsets, kept
    in a ring of twice as many slots."""

    def __init__(self) -> None:
        self._digest = ""
        self._seen = 0
        self._version = 0
        self._ring: dict[int, list[int]] = {}
        self._changed: list[int] = []

    def on_evidence(self, offset: int, evidence: Counts | Closed) -> list[Issued]:
        self._digest = hashlib.sha256(self._digest.encode() + b"%d" % offset + encode(evidence)).hexdigest()
        row = self._seen % (2 * WINDOW)
        self._ring[row] = [self._seen, offset]
        self._changed = [row]
        self._seen += 1
        return self._issued(offset, evidence.at)

    def evidence_lost(self, offset: int, message: str) -> list[Issued]:
        return [DriftAlarm(kind="gap", version=offset, epoch=1, message=message, at=datetime.fromtimestamp(0, UTC))]

    def figures(self) -> dict[str, Any]:
        return {"seen": self._seen, "state": self._digest}

    def changed_slots(self) -> list[int]:
        return self._changed

    def slot(self, number: int) -> list[int]:
        return self._ring.get(number, [])

    def slot_name(self, number: int) -> str:
        return f"ring/{number}"

    def snapshot_head(self) -> dict[str, Any]:
        return {"digest": self._digest, "seen": self._seen, "version": self._version}

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        head = snapshot["head"]
        self._digest, self._seen, self._version = head["digest"], head["seen"], head["version"]
        self._ring = {int(n): slot for n, slot in snapshot["slots"].get("ring", {}).items() if slot[0] < self._seen}
        if any(self._ring.get(position % (2 * WINDOW), [-1])[0] != position for position in self._positions()):
            raise ValueError("the newest slots are missing")

    def _positions(self) -> range:
        return range(max(0, self._seen - WINDOW), self._seen)

    def _issued(self, offset: int, at: datetime) -> list[Issued]:
        issued: list[Issued] = []
        if self._seen % 5 == 0:
            self._version = offset
        if self._seen % 50 == 0:
            issued += [
                DriftAlarm(kind=kind, version=offset, epoch=1, message=self._fingerprint(), at=at)
                for kind in ("errors", "ledger")
            ]
        if self._seen % 2 == 0 or self._version == offset:
            issued.append(self._policy(at))
        if self._seen % 7 == 0:
            issued.append(self._certificate(offset, at))
        return issued

    def _fingerprint(self) -> str:
        return f"{self._digest}/{sum(self._ring[position % (2 * WINDOW)][1] for position in self._positions())}"

    def _policy(self, at: datetime) -> Policy:
        return Policy(
            version=self._version,
            epoch=1,
            state="auto",
            audit_rate=0.1,
            ledger_rate=0.1,
            target=0.05,
            confidence=0.95,
            salt_id=self._fingerprint(),
            at=at,
            valid_until=at + timedelta(seconds=60),
        )

    def _certificate(self, offset: int, at: datetime) -> Certificate:
        return Certificate(
            version=offset,
            epoch=1,
            released=offset,
            labels=self._seen,
            wrong_at_most=1.0,
            target=0.05,
            met=False,
            confidence=0.95,
            state="auto",
            at=at,
        )
