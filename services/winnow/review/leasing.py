"""What a reviewer is handed: leased requests as they may see them, alone or with the other lines of their documents.

Lines of a document are open requests of the same `group`: one that nobody was asked about is never shown.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from winnow.review.bodies import Bodies, Body
from winnow.review.explaining import Explain
from winnow.review.label_book import LabelBook
from winnow.review.problems import Problem
from winnow.review.redis_queue import Lease, NotHeld, RedisQueue
from winnow.review.usual_values import UsualValues
from winnow.review.views import MAX_AT_ONCE, Hints, NextBody, request_view
from winnow_schemas.review_requests import ReviewRequest

MAX_LINES = 50
"""Of one document at once; the others come when these are answered."""

_WHY: dict[NotHeld, tuple[str, str]] = {
    "lost": ("lease-lost", "somebody else has it now, or you answered it before"),
    "closed": ("request-closed", "somebody answered it, or its time was over"),
    "unknown": ("unknown-request", "it is not open"),
}

log = structlog.get_logger(__name__)
View = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Leasing:
    """Hands out requests."""

    queue: RedisQueue
    bodies: Bodies
    labels: LabelBook
    usual: UsualValues
    explain: Explain

    def next(self, reviewer: str, wanted: NextBody) -> list[View]:
        """As many as are wanted; `documents`: and after each the other lines of its group."""
        found: dict[str, View] = {}
        for lease in self.queue.next(reviewer, wanted.count, wanted.only):
            body = self._body(lease)
            if body is None:
                continue
            found[lease.request_id] = self._view(body, lease, explains=wanted.explain)
            group = body.request.record.get("group")
            if wanted.documents and group and len(found) < MAX_AT_ONCE:
                found |= {
                    view["request_id"]: view
                    for view in self._lines(reviewer, group, set(found), explains=wanted.explain)
                }
        return list(found.values())

    def take(self, reviewer: str, request_ids: Sequence[str]) -> list[View]:
        """These requests, as far as nobody else has them; raises `Problem` when none can be had."""
        views: list[View] = []
        why: NotHeld = "unknown"
        for request_id in request_ids:
            held = self.queue.hold(reviewer, request_id, "take")
            if isinstance(held, str):
                why = held
            elif body := self._body(held):
                views.append(self._view(body, held, explains=True))
        if not views:
            raise Problem(*_WHY[why])
        return views

    def _lines(self, reviewer: str, group: str, known: set[str], *, explains: bool) -> Iterator[View]:
        for request_id in sorted(self.queue.lines_of(group) - known)[:MAX_LINES]:
            held = self.queue.hold(reviewer, request_id, "take")
            if not isinstance(held, str) and (body := self._body(held)):
                yield self._view(body, held, explains=explains)

    def _body(self, lease: Lease) -> Body | None:
        body = self.bodies.get(lease.partition, lease.offset)
        if body is None:
            log.error("a request in the queue is gone from Kafka", request_id=lease.request_id)
        return body

    def _view(self, body: Body, lease: Lease, *, explains: bool) -> View:
        hints = Hints() if body.request.blind else self._hints(body.request, explains=explains)
        return request_view(body, lease, self.labels.labels(), hints)

    def _hints(self, request: ReviewRequest, *, explains: bool) -> Hints:
        is_explained = explains and request.suggestion is not None
        if not is_explained:
            return Hints(self.usual.unusual(request.record), [])
        why = self.explain(request.record, request.suggestion or "", request.decision.function_votes)
        return Hints(self.usual.unusual(request.record), why)
