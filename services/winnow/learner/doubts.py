"""A verdict that looks wrong, as a dispute of its label: people are asked again, as if somebody had complained."""

from datetime import UTC, datetime

from winnow.core.checks.second_look import Doubted
from winnow.runtime.messages import Outgoing
from winnow_schemas.codec import encode
from winnow_schemas.review_responses import ReviewResponse
from winnow_schemas.topics import Topics

WHO = "learner"


def doubt_message(doubted: Doubted, topics: Topics, now: float) -> Outgoing:
    """The learner does not know where the label stands: it says which one it is."""
    response = ReviewResponse(
        response_id=f"second-look/{doubted.decision_id}/{doubted.revision}",
        request_id=doubted.decision_id,
        record_id=doubted.record_id,
        reviewer=WHO,
        action="dispute",
        label=doubted.label,
        note=doubted.why,
        at=datetime.fromtimestamp(now, UTC),
    )
    return Outgoing(topics["review-responses"], encode(response), doubted.record_id.encode())
