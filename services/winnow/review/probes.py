"""How others see whether this worker is well: `/healthz`, `/readyz`, `/metrics`."""

from collections.abc import Callable

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest


class Probes:
    """Alive while it answers; ready when `waits_for` names nothing."""

    def __init__(self, waits_for: Callable[[], str | None]) -> None:
        self._waits_for = waits_for

    def routes(self) -> APIRouter:
        """Endpoints that need no login."""
        router = APIRouter(include_in_schema=False)

        @router.get("/healthz")
        def healthz() -> Response:
            return _status(200, "alive")

        @router.get("/readyz")
        def readyz() -> Response:
            missing = self._waits_for()
            return _status(200, "ready") if missing is None else _status(503, f"waiting for {missing}")

        @router.get("/metrics")
        def metrics() -> Response:
            return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

        return router


def _status(code: int, status: str) -> Response:
    return JSONResponse({"service": "review", "status": status}, code)
