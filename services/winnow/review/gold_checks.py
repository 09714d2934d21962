"""Gold mixed in among the requests: a record whose label is known, asked as if it were any other.

Pure. A coin of an ordinary request's id says whether a gold one is asked beside it, so that the share holds however
many workers there are, and a redelivery asks no second one. Its id is made from that of the ordinary one, its priority
drawn as that of every blind request; which record it is, the worker chooses.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b

from winnow.review.request_ids import RecordPosition, record_position
from winnow.runtime.messages import Outgoing
from winnow_schemas.base import NO_MODEL, NO_POLICY
from winnow_schemas.codec import encode
from winnow_schemas.decisions import Decision
from winnow_schemas.review_requests import ReviewRequest
from winnow_schemas.topics import Topics
from winnow_schemas.verdicts import Verdict

NOT_FOR = "winnow-not-for"
"""Header of a gold request: a JSON list of those who know the record."""


@dataclass(frozen=True, slots=True)
class GoldCheck:
    """A gold record to be asked beside another request."""

    request_id: str
    mark: Verdict
    not_for: tuple[str, ...]


def is_due(request_id: str, share: float) -> bool:
    """Whether a gold request comes beside this one, so that gold is `share` of what people are asked."""
    return _toss("due", request_id) < share / (1.0 - share)


def check_id(request_id: str) -> str | None:
    """Id of the gold request beside this one, which looks like any other and is no other's; None: there can be none."""
    position = record_position(request_id)
    if position is None:
        return None
    stream = blake2b(position.stream.encode(), digest_size=4, person=b"winnow gold").hexdigest()
    return "/".join(map(str, RecordPosition(stream, position.partition, position.offset)))


def check_message(check: GoldCheck, topics: Topics, decided_at: datetime, lifetime: timedelta) -> Outgoing:
    """The request: blind, and with nothing that a page or an API would show of it."""
    request = ReviewRequest(
        request_id=check.request_id,
        record=check.mark.record,
        reason="gold",
        blind=True,
        priority=_toss("priority", check.request_id),
        decision=_decision(check, decided_at),
        known_label=check.mark.label,
        expires_at=decided_at + lifetime,
    )
    record_id = check.mark.record.get("id", check.request_id)
    headers = [(NOT_FOR, json.dumps(check.not_for).encode())] if check.not_for else []
    return Outgoing(topics["review-requests"], encode(request), record_id.encode(), headers=headers)


def not_for(header: str | None) -> tuple[str, ...]:
    """Who is not to be asked, from the header."""
    try:
        names = json.loads(header) if header else []
    except ValueError:
        return ()
    return tuple(name for name in names if isinstance(name, str)) if isinstance(names, list) else ()


def _decision(check: GoldCheck, decided_at: datetime) -> Decision:
    """What the machine had said of the record, if it had: where it was wrong, people show what they overlook."""
    asked = {"decision_id": check.request_id, "reason": "gold", "propensity": 1.0, "look": "none"}
    before = check.mark.decision
    if before is None:
        return Decision.model_validate(
            asked | {"model_version": NO_MODEL, "policy_version": NO_POLICY, "decided_at": decided_at}
        )
    return before.model_copy(update={**asked, "votes": None, "decided_at": decided_at})


def _toss(purpose: str, request_id: str) -> float:
    digest = blake2b(f"{purpose}|{request_id}".encode(), digest_size=8, person=b"winnow gold").digest()
    return int.from_bytes(digest) / 2**64
