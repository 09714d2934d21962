"""`review-requests.v1`: what reviewers are asked. Services only may read it: it tells audits apart."""

from winnow_schemas.base import Contract, Moment, Probability, Reason, Scores
from winnow_schemas.decisions import Decision
from winnow_schemas.records import Record


class ReviewRequest(Contract):
    """A record put before people.

    `request_id` is the decision id; a reopened request adds `#n`. `suggestion` and `scores` may
    be shown to reviewers and are absent when the request is blind; `decision` never is shown.
    `priority`: higher is asked first, in [0, 1]. `known_label` of a `gold` request is what is known to be right.
    """

    request_id: str
    record: Record
    reason: Reason
    blind: bool
    suggestion: str | None = None
    scores: Scores | None = None
    priority: Probability
    decision: Decision
    known_label: str | None = None
    expires_at: Moment
