"""Reviewing from a program: a thin client of the review API.

Every answer carries an id of its own, made before it is sent, so that it may be sent again when nobody knows whether it
arrived: it counts once.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote
from uuid import uuid4

import httpx

TRIES = 4
LONGEST_WAIT_S = 5.0
_AGAIN = frozenset({429, 502, 503, 504})


class ReviewProblem(Exception):
    """The API refused: `kind` is stable (`lease-lost`, `unknown-label`, ...), `detail` says what to do."""

    def __init__(self, kind: str, status: int, detail: str) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind = kind
        self.status = status
        self.detail = detail


@dataclass(frozen=True, slots=True)
class ReviewTask:
    """A record leased to us. Of a `blind` one there is neither suggestion, scores nor reason."""

    request_id: str
    record_id: str
    record: Mapping[str, Any]
    labels: tuple[str, ...]
    blind: bool
    lease_expires_at: str
    reason: str | None = None
    suggestion: str | None = None
    scores: Mapping[str, float] | None = None


class ReviewClient:
    """One reviewer, by their token. A context manager; not for several threads."""

    def __init__(self, url: str, token: str, *, timeout_s: float = 10.0) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        self._http = httpx.Client(base_url=url.rstrip("/"), headers=headers, timeout=timeout_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connection back."""
        self._http.close()

    def next(self, count: int = 1) -> list[ReviewTask]:
        """Lease up to `count` records; none while there is nothing to do."""
        told = self._post("/v1/next", {"count": count})
        return [_task(view) for view in told["requests"]]

    def label(self, task: ReviewTask, label: str, *, seconds: float | None = None, note: str | None = None) -> str:
        """Answer; gives the id of the response."""
        return self._answer(task, "label", label=label, seconds=seconds, note=note)

    def skip(self, task: ReviewTask, *, note: str | None = None) -> str:
        """We cannot tell: others shall be asked."""
        return self._answer(task, "skip", note=note)

    def put_back(self, task: ReviewTask) -> str:
        """Not now: it comes again later."""
        return self._answer(task, "put_back")

    def undo(self, task: ReviewTask) -> str:
        """Take our last answer to it back, also after it became a verdict."""
        return self._answer(task, "undo")

    def renew(self, tasks: Sequence[ReviewTask]) -> list[str]:
        """Hold on to these; the request ids of those that are lost."""
        told = self._post("/v1/renew", {"request_ids": [task.request_id for task in tasks]})
        return list(told["lost"])

    def release(self, tasks: Sequence[ReviewTask]) -> int:
        """Give these back for others; how many we held."""
        return int(self._post("/v1/release", {"request_ids": [task.request_id for task in tasks]})["released"])

    def queue(self) -> Mapping[str, Any]:
        """How the queue stands."""
        return self._get("/v1/queue")

    def me(self) -> Mapping[str, Any]:
        """Our own figures: answers, speed, accuracy."""
        return self._get("/v1/reviewers/me")

    def reviewers(self) -> Sequence[Mapping[str, Any]]:
        """Everybody's figures; for operators."""
        return list(self._get("/v1/reviewers")["reviewers"])

    def labels(self, **query: Any) -> Mapping[str, Any]:
        """A page of finished labels (`q`, `label`, `source`, `limit`, `before`); for operators and consumers."""
        return self._get("/v1/labels", query)

    def record(self, record_id: str) -> Mapping[str, Any]:
        """A record with its label; for operators and consumers."""
        return self._get(f"/v1/records/{_quoted(record_id)}")

    def dispute(self, record_id: str, note: str | None = None) -> Mapping[str, Any]:
        """The record's label is wrong: people are asked again; the label in doubt. For operators and consumers."""
        body = {} if note is None else {"note": note}
        return self._post(f"/v1/labels/{_quoted(record_id)}/dispute", body)

    def _answer(self, task: ReviewTask, action: str, **more: Any) -> str:
        response_id = str(uuid4())
        body = {
            "response_id": response_id,
            "request_id": task.request_id,
            "record_id": task.record_id,
            "action": action,
            **{name: value for name, value in more.items() if value is not None},
        }
        self._post("/v1/answers", body)
        return response_id

    def _get(self, path: str, query: Mapping[str, Any] | None = None) -> dict[str, Any]:
        return self._ask("GET", path, params=dict(query or {}))

    def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return self._ask("POST", path, json=dict(body))

    def _ask(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        for left in reversed(range(TRIES)):
            try:
                response = self._http.request(method, path, **more)
            except httpx.TransportError:
                if not left:
                    raise
                time.sleep(1.0)
                continue
            if response.status_code not in _AGAIN or not left:
                break
            time.sleep(_wait_s(response))
        if response.is_success:
            return dict(response.json())
        raise _problem(response)


def _task(view: Mapping[str, Any]) -> ReviewTask:
    known = {name: view[name] for name in ReviewTask.__dataclass_fields__ if name in view}
    return ReviewTask(**{**known, "labels": tuple(view["labels"])})


def _wait_s(response: httpx.Response) -> float:
    told = response.headers.get("Retry-After", "1")
    return min(float(told) if told.isdecimal() else 1.0, LONGEST_WAIT_S)


def _problem(response: httpx.Response) -> ReviewProblem:
    try:
        told = response.json()
        kind, detail = str(told["type"]).rpartition(":")[2], str(told["detail"])
    except (ValueError, KeyError, TypeError):
        kind, detail = "about:blank", response.text[:200]
    return ReviewProblem(kind, response.status_code, detail)


def _quoted(record_id: str) -> str:
    return quote(record_id, safe="/")
