"""Finished labels over HTTP: search them, look at one record, say that a label is wrong. For operators and consumers.

Not for reviewers: who looks a record up while it lies on the desk would answer no blind request blindly.
"""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from winnow.review.disputing import Disputing
from winnow.review.finished_labels import FinishedLabels, FoundLabel, Sought
from winnow.review.identity import Identity
from winnow.review.problems import Problem
from winnow.review.reviewers import Reviewer
from winnow_schemas.codec import adapter
from winnow_schemas.labels import LabelSource
from winnow_schemas.records import Record

MOST_ON_A_PAGE = 100
TOLD_OF_A_VERDICT = {"reason", "answers", "agreement", "weights", "probability", "at"}

RecordId = Annotated[str, Field(min_length=1, max_length=500)]


class DisputeBody(BaseModel):
    """Why the label is wrong, for those who look into it later."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    note: Annotated[str, Field(max_length=4000)] | None = None


@dataclass(frozen=True, slots=True)
class LabelDesk:
    """What the endpoints work with; `partitions` is the deployment's number of them."""

    disputing: Disputing
    identity: Identity
    partitions: int

    @property
    def finished(self) -> FinishedLabels:
        """Where labels are found."""
        return self.disputing.finished


def routes(desk: LabelDesk) -> APIRouter:
    """Endpoints below `/v1`."""
    router = APIRouter()

    def allowed(request: Request) -> Reviewer:
        asker = desk.identity.of(request)
        if asker.role == "reviewer":
            raise Problem("not-yours", "only operators and consumers see finished labels")
        return asker

    asker = Annotated[Reviewer, Depends(allowed)]

    @router.get("/labels")
    def labels(
        _asker: asker,
        q: Annotated[str, Query(max_length=200)] = "",
        label: Annotated[str | None, Query(max_length=100)] = None,
        source: LabelSource | None = None,
        limit: Annotated[int, Query(ge=1, le=MOST_ON_A_PAGE)] = 20,
        before: Annotated[str | None, Query(max_length=20_000)] = None,
    ) -> dict[str, Any]:
        """Finished labels, newest first: `q` stands within the record id. `before` goes on where a page ended."""
        page = desk.finished.search(Sought(q, label, source), limit, _offsets(before, desk.partitions))
        return {
            "labels": [label_view(found) for found in page.found],
            "looked_at": page.looked_at,
            "oldest_at": page.oldest_at,
            "before": None if page.before is None else "-".join(str(offset) for offset in page.before),
        }

    @router.post("/labels/{record_id:path}/dispute", status_code=202)
    def dispute(record_id: RecordId, body: DisputeBody, asker: asker) -> dict[str, Any]:
        """The label is wrong: people are asked again, blind. The label stands until they have answered."""
        return label_view(desk.disputing.dispute(asker.name, record_id, body.note))

    @router.get("/records/{record_id:path}")
    def record(record_id: RecordId, _asker: asker) -> dict[str, Any]:
        """A record with its label that counts; who answered what, where people labelled it."""
        found = desk.disputing.newest(record_id)
        label = found.label
        verdict = desk.finished.verdict_of(label) if label.source == "human" else None
        body = verdict.record if verdict else desk.finished.record_of(label)
        view: dict[str, Any] = {"record_id": label.record_id, "label": label_view(found)}
        if body is not None:
            view["record"] = adapter(Record).dump_python(body, mode="json", exclude_none=True)
        if verdict is not None:
            view["verdict"] = verdict.model_dump(
                mode="json",
                include={"reason", "answers", "agreement", "weights", "probability", "at"},
                exclude_none=True,
            )
        return view

    return router


def label_view(found: FoundLabel) -> dict[str, Any]:
    """A label as the API tells it."""
    shown = {"record_id", "label", "source", "revision", "confidence", "decision_id", "decided_at", "at", "group"}
    return found.label.model_dump(mode="json", include=shown, exclude_none=True)


def _offsets(before: str | None, partitions: int) -> list[int] | None:
    if before is None:
        return None
    offsets = before.split("-")
    if len(offsets) != partitions or not all(offset.isdecimal() and len(offset) < 19 for offset in offsets):
        raise Problem("invalid", "before: give back what a page of this deployment said")
    return [int(offset) for offset in offsets]
