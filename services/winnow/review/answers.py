"""What one response after the other does to an open request.

Pure, and a function of the responses alone, so that a worker that starts anew gathers the same. Whether the
answers gathered are enough for a verdict is judged elsewhere (`judge`). A label counts once for each
reviewer; a skip leaves the request in line for others.
"""

from dataclasses import dataclass
from typing import Literal

from msgspec.structs import replace

from winnow.review.open_requests import OpenRequest
from winnow_schemas.review_responses import ReviewResponse

Ignored = Literal[
    "repeat",
    "answered before",
    "skipped before",
    "nothing to undo",
    "closed",
    "stranger",
    "in line already",
    "another label by now",
]
"""Why a response changes nothing."""


@dataclass(frozen=True, slots=True)
class AnswerRule:
    """How many answers a verdict needs, and how many different reviewers may skip."""

    answers: int
    max_skips: int


@dataclass(frozen=True, slots=True)
class GoesOn:
    """The request stays open, changed."""

    request: OpenRequest


@dataclass(frozen=True, slots=True)
class GivenUp:
    """Too many skips: the request closes without a label."""


Taken = GoesOn | GivenUp


def take(request: OpenRequest, response: ReviewResponse, rule: AnswerRule) -> Taken | Ignored:
    """What one response does to an open request, or why it does nothing."""
    name = (response.reviewer, response.response_id)
    if name in request.responses:
        return "repeat"
    noted = replace(request, responses=(*request.responses, name), reserved_for=None)
    if response.action == "undo":
        return _undo(noted, response.reviewer)
    if any(reviewer == response.reviewer for reviewer, _ in request.answers):
        return "answered before"
    if response.action == "put_back" and not (request.is_audit and request.put_backs):
        return GoesOn(replace(noted, put_backs=request.put_backs + 1))
    if response.label is not None and response.action == "label":
        return _label(noted, response.reviewer, response.label)
    return _skip(noted, response.reviewer, rule)


def wanted(request: OpenRequest, rule: AnswerRule) -> int:
    """How many more reviewers may hold the request now."""
    given = len(request.answers)
    return rule.answers - given if given < rule.answers else 1


def _label(request: OpenRequest, reviewer: str, label: str) -> Taken:
    skips = tuple(name for name in request.skips if name != reviewer)
    return GoesOn(replace(request, answers=(*request.answers, (reviewer, label)), skips=skips))


def _skip(request: OpenRequest, reviewer: str, rule: AnswerRule) -> Taken | Ignored:
    if reviewer in request.skips:
        return "skipped before"
    skips = (*request.skips, reviewer)
    return GivenUp() if len(skips) >= rule.max_skips else GoesOn(replace(request, skips=skips))


def _undo(request: OpenRequest, reviewer: str) -> Taken | Ignored:
    if reviewer not in request.decided_by:
        return "nothing to undo"
    answers = tuple(answer for answer in request.answers if answer[0] != reviewer)
    skips = tuple(name for name in request.skips if name != reviewer)
    return GoesOn(replace(request, answers=answers, skips=skips, reserved_for=reviewer))
