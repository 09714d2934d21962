"""Requests and responses as the review tests need them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from winnow.runtime.messages import Incoming
from winnow_schemas.codec import encode
from winnow_schemas.decisions import Decision
from winnow_schemas.review_requests import ReviewRequest
from winnow_schemas.review_responses import ReviewResponse

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
NOON_S = NOON.timestamp()


def review_request(number: int, **changes: Any) -> ReviewRequest:
    """Request `streamid/0/NUMBER` of record `record-NUMBER`, suggested ham, decided at noon."""
    decided_at = changes.pop("decided_at", NOON)
    decision = {
        "decision_id": f"streamid/0/{number}",
        "reason": "uncertain",
        "propensity": 1.0,
        "look": "review",
        "label": "ham",
        "scores": {"ham": 0.6, "spam": 0.4},
        "top_probability": 0.6,
        "confidence": 0.03,
        "model_version": 7,
        "policy_version": 3,
        "epoch": 1,
        "decided_at": decided_at,
    } | changes.pop("decision", {})
    fields = {
        "request_id": f"streamid/0/{number}",
        "record": {"id": f"record-{number}", "text": f"text of record {number}"},
        "reason": decision["reason"],
        "blind": False,
        "suggestion": "ham",
        "scores": {"ham": 0.6, "spam": 0.4},
        "priority": 0.5,
        "expires_at": decided_at + timedelta(days=14),
    } | changes
    return ReviewRequest(decision=Decision(**decision), **fields)


def audit_request(number: int, **changes: Any) -> ReviewRequest:
    """A blind ledger audit."""
    decision = {"reason": "audit", "look": "ledger", "propensity": 0.08, "audit_rate": 0.08, "ledger_rate": 0.08}
    return review_request(
        number, **({"decision": decision, "blind": True, "suggestion": None, "scores": None} | changes)
    )


def review_response(number: int, reviewer: str, action: str = "label", **changes: Any) -> ReviewResponse:
    """What `reviewer` answers to request NUMBER; a label is `spam` if nothing else is said."""
    fields = {
        "response_id": f"{reviewer}/{number}/{action}",
        "request_id": f"streamid/0/{number}",
        "record_id": f"record-{number}",
        "reviewer": reviewer,
        "action": action,
        "label": "spam" if action == "label" else None,
        "at": NOON,
    }
    return ReviewResponse(**(fields | changes))


def consumed(topic: str, offset: int, message: Any, partition: int = 0, at: float = NOON_S) -> Incoming:
    """A message as it was consumed; `message` is a contract or raw bytes."""
    if isinstance(message, bytes):
        return Incoming(topic, partition, offset, None, message, at)
    record_id = message.record["id"] if isinstance(message, ReviewRequest) else message.record_id
    return Incoming(topic, partition, offset, record_id.encode(), encode(message), at)
