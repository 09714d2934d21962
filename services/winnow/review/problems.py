"""Errors of the API as RFC 9457 says: `application/problem+json`, with a stable `type` and a text for people."""

from collections.abc import Mapping
from typing import Any

import redis
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from winnow.runtime.errors import TransientError

log = structlog.get_logger(__name__)

TITLES: Mapping[str, tuple[int, str]] = {
    "not-logged-in": (401, "A valid token or login is needed"),
    "wrong-page": (403, "The request does not come from the page"),
    "not-yours": (403, "Your role does not allow this"),
    "unknown-request": (404, "There is no such request"),
    "unknown-record": (404, "There is no such record"),
    "nothing-to-dispute": (409, "There is no label to dispute"),
    "lease-lost": (409, "The lease is no longer yours"),
    "request-closed": (409, "The request is already closed"),
    "too-large": (413, "The body is too large"),
    "invalid": (422, "The request is not valid"),
    "unknown-label": (422, "The task has no such label"),
    "wrong-record": (422, "The request is about another record"),
    "too-many-requests": (429, "Too many requests"),
    "unavailable": (503, "Something the service needs does not answer"),
}
_ABSENT = (redis.RedisError, TransientError)


class Problem(Exception):
    """One of `TITLES`, with what is special about this time."""

    def __init__(self, kind: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.headers = dict(headers or {})


def problem_response(problem: Problem) -> JSONResponse:
    """The response that tells of a problem."""
    status, title = TITLES[problem.kind]
    return _response(status, f"urn:winnow:problem:{problem.kind}", title, problem.detail, problem.headers)


def install(app: FastAPI) -> None:
    """Make every error of the app a problem."""
    app.add_exception_handler(Problem, _of_problem)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(HTTPException, _of_http)
    app.add_exception_handler(Exception, _of_crash)
    for absent in _ABSENT:
        app.add_exception_handler(absent, _of_absence)


async def _of_problem(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Problem)
    return problem_response(error)


async def _of_validation(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return problem_response(Problem("invalid", f"the body is not JSON from character {first['loc'][-1]} on"))
    where = ".".join(str(part) for part in first["loc"] if part != "body")
    what = str(first["msg"]).removeprefix("Value error, ")
    return problem_response(Problem("invalid", f"{where}: {what}" if where else what))


async def _of_http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return _response(error.status_code, "about:blank", str(error.detail), str(error.detail), error.headers)


async def _of_absence(_request: Request, error: Exception) -> JSONResponse:
    log.warning("the API cannot serve now", error=str(error))
    return problem_response(Problem("unavailable", "the queue cannot be reached now: try again", {"Retry-After": "1"}))


async def _of_crash(_request: Request, _error: Exception) -> JSONResponse:
    return _response(500, "about:blank", "Internal error", "this should not happen; see the service's log")


def _response(
    status: int, kind: str, title: str, detail: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    content: dict[str, Any] = {"type": kind, "title": title, "status": status, "detail": detail}
    return JSONResponse(content, status, dict(headers or {}), media_type="application/problem+json")
