"""What reviewers get to see of a request, and what they send: the API's bodies.

Of a blind request nothing is shown but the record: what is not there cannot be read from the page's
source either, and audits look like every other blind request.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from winnow.review.bodies import Body
from winnow.review.queue_entries import Filter
from winnow.review.redis_queue import Lease
from winnow_schemas.codec import adapter
from winnow_schemas.records import Record, ValidRecord

MAX_AT_ONCE = 50

RequestId = Annotated[str, Field(min_length=1, max_length=300)]


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Names = Annotated[list[Annotated[str, Field(min_length=1, max_length=100)]], Field(max_length=200)]


class NextBody(_Given):
    """How many requests are wanted, and of the ordinary ones perhaps only those of some reasons or suggested labels.

    `documents`: and with each the other open ones of its group; `explain`: and of the ordinary ones what spoke for the
    suggestion.
    """

    count: Annotated[int, Field(ge=1, le=MAX_AT_ONCE)] = 1
    reasons: Names = []
    labels: Names = []
    documents: bool = False
    explain: bool = False

    @property
    def only(self) -> Filter | None:
        """What is asked for, if not everything."""
        return Filter(frozenset(self.reasons), frozenset(self.labels)) if self.reasons or self.labels else None


class PauseBody(_Given):
    """Why an operator pauses the queue, or lets it go on."""

    note: Annotated[str, Field(max_length=200)] = ""


class RequestsBody(_Given):
    """Requests to hold on to, or to let go."""

    request_ids: Annotated[list[RequestId], Field(min_length=1, max_length=MAX_AT_ONCE)]


class LoginBody(_Given):
    """A reviewer's token."""

    token: Annotated[str, Field(min_length=1, max_length=500)]


def _can_be_written(record: Any) -> Any:
    """Half of a surrogate pair is read from JSON, but is no text: nobody could write it down."""
    try:
        json.dumps(record, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ValueError("it holds half of a surrogate pair, which is no text") from None
    return record


class AddedBody(_Given):
    """A record that nobody was asked about, and its label."""

    response_id: Annotated[str, Field(min_length=1, max_length=200)]
    record: Annotated[ValidRecord, BeforeValidator(_can_be_written)]
    label: Annotated[str, Field(min_length=1, max_length=100)]


class UndoAddedBody(_Given):
    """Takes back what one added: `added` is the response id under which it was."""

    response_id: Annotated[str, Field(min_length=1, max_length=200)]
    added: Annotated[str, Field(min_length=1, max_length=200)]


class AnswerBody(_Given):
    """One answer; whose it is follows from the token, and when it came from our clock."""

    response_id: Annotated[str, Field(min_length=1, max_length=200)]
    request_id: RequestId
    record_id: Annotated[str, Field(min_length=1, max_length=500)]
    action: Literal["label", "skip", "put_back", "undo"]
    label: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    note: Annotated[str, Field(max_length=4000)] | None = None
    seconds: Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)] | None = None


@dataclass(frozen=True, slots=True)
class Hints:
    """What helps to judge a record: which of its features are unusual, and what spoke for the suggestion."""

    unusual: Mapping[str, Any] = field(default_factory=dict)
    why: Sequence[Any] = ()


def request_view(body: Body, lease: Lease, labels: tuple[str, ...], hints: Hints) -> dict[str, Any]:
    """A leased request as its reviewer sees it; hints are for those that are not blind."""
    request = body.request
    view: dict[str, Any] = {
        "request_id": request.request_id,
        "record_id": body.record_id,
        "record": adapter(Record).dump_python(request.record, mode="json", exclude_none=True),
        "labels": list(labels),
        "blind": request.blind,
        "lease_expires_at": moment(lease.lapses_at),
    }
    if not request.blind:
        view |= {"reason": request.reason}
        if request.suggestion is not None:
            view["suggestion"] = request.suggestion
        if request.scores is not None:
            view["scores"] = request.scores
        if hints.unusual:
            view["unusual"] = dict(hints.unusual)
        if hints.why:
            view["why"] = list(hints.why)
    return view


def moment(seconds: float) -> str:
    """A time as the API writes it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
