"""Lines of a document that nobody was asked about: a reviewer saw that one was missed and adds it, with its label.

It becomes a record and a verdict of its own. No coin chose it, so it trains the models like a seeded record
and is no evidence about the machine's errors; no request and no closing belong to it. Its name is made from its
reviewer and their response id: giving it again is no harm, and it can be no other record's.
"""

from datetime import UTC, datetime
from hashlib import sha256

from winnow.review.open_requests import ClosedRequest, OpenRequests
from winnow.review.request_ids import request_name
from winnow.runtime.messages import Outgoing
from winnow_schemas.codec import encode
from winnow_schemas.labels import Label
from winnow_schemas.records import Record
from winnow_schemas.review_responses import ReviewResponse
from winnow_schemas.topics import Topics
from winnow_schemas.verdicts import Verdict, verdict_key

ADDED = "added/"
FIRST_HUMAN_REVISION = 2
"""As of every label that people gave first: 1 would be the machine's."""
TAKEN_BACK_REVISION = 3


def added_id(reviewer: str, response_id: str) -> str:
    """Names the record and its verdict."""
    return f"{ADDED}{sha256(f'{reviewer}|{response_id}'.encode()).hexdigest()[:32]}"


def added_response(reviewer: str, response_id: str, record: Record, label: str, at: datetime) -> ReviewResponse:
    """What goes into `review-responses`."""
    name = added_id(reviewer, response_id)
    named: Record = {**record, "id": name}
    return ReviewResponse(
        response_id=response_id,
        request_id=name,
        record_id=name,
        reviewer=reviewer,
        action="add",
        label=label,
        record=named,
        at=at,
    )


def is_its_own(response: ReviewResponse) -> bool:
    """Whether record and verdict are named alike, and as only an added one is."""
    record_id = response.record.get("id") if response.record else None
    return response.request_id.startswith(ADDED) and response.request_id == response.record_id == record_id


def undone_response(reviewer: str, response_id: str, added: str, at: datetime) -> ReviewResponse:
    """What takes the record back that was added by the response `added`."""
    name = added_id(reviewer, added)
    return ReviewResponse(
        response_id=response_id, request_id=name, record_id=name, reviewer=reviewer, action="undo", at=at
    )


def remember(response: ReviewResponse, offset: int, requests: OpenRequests) -> None:
    """Note who added what, as if a request of that name had been answered."""
    assert response.label is not None
    answers = ((response.reviewer, response.label),)
    requests.remember(ClosedRequest(response.request_id, response.record_id, offset, answers))


def can_be_taken_back(closed: ClosedRequest, requests: OpenRequests) -> bool:
    """Not once somebody disputed its label: then what people answer to that stands."""
    again = request_name(closed.request_id).next_opening.request_id
    return not (closed.is_reopened or requests.find(again) or requests.find_closed(again))


def taken_back_messages(closed: ClosedRequest, topics: Topics, now: float) -> list[Outgoing]:
    """Its verdict is erased from the labelled data, and its label withdrawn."""
    at = datetime.fromtimestamp(now, UTC)
    label = Label(
        record_id=closed.record_id,
        source="recall",
        revision=TAKEN_BACK_REVISION,
        decision_id=closed.request_id,
        decided_at=at,
        at=at,
    )
    return [
        Outgoing(topics["verdicts"], None, verdict_key(closed.request_id, 1)),
        Outgoing(topics["labels"], encode(label), closed.record_id.encode()),
    ]


def added_messages(response: ReviewResponse, topics: Topics, now: float) -> list[Outgoing]:
    """Its verdict and its label."""
    assert response.record is not None
    assert response.label is not None
    at = datetime.fromtimestamp(now, UTC)
    verdict = Verdict(
        request_id=response.request_id,
        revision=1,
        record=response.record,
        label=response.label,
        reason="seed",
        propensity=1.0,
        answers={response.reviewer: response.label},
        agreement=1.0,
        answered_at=response.at,
        at=at,
    )
    label = Label(
        record_id=response.record_id,
        label=response.label,
        source="human",
        revision=FIRST_HUMAN_REVISION,
        decision_id=response.request_id,
        decided_at=at,
        at=at,
        group=response.record.get("group"),
    )
    return [
        Outgoing(topics["verdicts"], encode(verdict), verdict_key(response.request_id, 1)),
        Outgoing(topics["labels"], encode(label), response.record_id.encode()),
    ]
