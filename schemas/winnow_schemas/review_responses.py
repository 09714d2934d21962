"""`review-responses.v1`: what one reviewer answered. Outside reviewing systems may write it too."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from winnow_schemas.base import Contract, Moment
from winnow_schemas.records import ValidRecord

Action = Literal["label", "skip", "put_back", "undo", "dispute", "add"]
"""`dispute` is about a finished label: somebody says it is wrong, and it goes back in line.
`add` is about a record that nobody was asked about, such as a line that a document lacks."""


class ReviewResponse(Contract):
    """One answer. `response_id` is made by the client; a repeat changes nothing.

    A dispute names the label by `label_offset`, where it stands in `labels` (in the partition of the same number), and
    `request_id` is its decision; the `reviewer` may be anybody. One that does not know the offset says the `label`: it
    is about the record's newest label, as long as that is this one.
    `record` is there for `add` only; `request_id` then names the verdict that it becomes.
    """

    response_id: Annotated[str, Field(min_length=1, max_length=200)]
    request_id: Annotated[str, Field(min_length=1, max_length=300)]
    record_id: str
    reviewer: Annotated[str, Field(min_length=1, max_length=100)]
    action: Action
    label: str | None = None
    label_offset: Annotated[int, Field(ge=0)] | None = None
    record: ValidRecord | None = None
    note: Annotated[str, Field(max_length=4000)] | None = None
    seconds: Annotated[float, Field(ge=0)] | None = None
    at: Moment

    @model_validator(mode="after")
    def _a_label_says_which(self) -> Self:
        if self.action in ("label", "add") and self.label is None:
            raise ValueError(f"action '{self.action}' needs a label")
        if self.action == "dispute" and self.label_offset is None and self.label is None:
            raise ValueError("action 'dispute' needs a label_offset, or the label")
        if self.action == "add" and self.record is None:
            raise ValueError("action 'add' needs a record")
        return self
