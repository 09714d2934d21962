"""What the dashboard answers over HTTP: the page, its stream, the same as JSON, health and figures.

Read-only, without any record's content; the page runs under a policy that lets it load nothing
but its own files.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from importlib.resources import files
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, PlainTextResponse, Response, StreamingResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from winnow.dashboard.hub import Hub, TooManyWatchers

STATIC = Path(str(files("winnow.dashboard") / "static"))
PAGES = {"/": "index.html", "/dashboard.css": "dashboard.css", "/favicon.svg": "favicon.svg"} | {
    f"/{script.name}": script.name for script in STATIC.glob("*.js")
}
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}


def create_app(hub: Hub, registry: CollectorRegistry, is_ready: Callable[[], bool]) -> FastAPI:
    """The web application over a hub; it holds no state of its own."""
    app = FastAPI(title="Winnow dashboard", docs_url=None, redoc_url=None, openapi_url=None)
    app.middleware("http")(_with_headers)
    _serve_pages(app)
    _serve_board(app, hub)
    _serve_health(app, registry, is_ready)
    return app


async def _with_headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    response = await call_next(request)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def _serve_pages(app: FastAPI) -> None:
    for path, name in PAGES.items():
        app.add_api_route(path, _file(name), methods=["GET"], response_class=FileResponse)


def _file(name: str) -> Callable[[], Awaitable[FileResponse]]:
    async def respond() -> FileResponse:
        return FileResponse(STATIC / name)

    return respond


def _serve_board(app: FastAPI, hub: Hub) -> None:
    @app.get("/v1/board")
    async def board() -> Response:
        if hub.newest is None:
            return PlainTextResponse("the board is not there yet\n", 503)
        return Response(hub.newest, media_type="application/json")

    @app.get("/events")
    async def events() -> Response:
        try:
            pages = hub.watch()
        except TooManyWatchers:
            return PlainTextResponse("too many pages are open\n", 503, {"Retry-After": "30"})
        return StreamingResponse(_as_events(pages), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


async def _as_events(pages: AsyncGenerator[bytes | None, None]) -> AsyncIterator[bytes]:
    async with aclosing(pages):
        yield b"retry: 1000\n\n"
        async for page in pages:
            yield b": still here\n\n" if page is None else b"event: board\ndata: " + page + b"\n\n"


def _serve_health(app: FastAPI, registry: CollectorRegistry, is_ready: Callable[[], bool]) -> None:
    @app.get("/healthz")
    async def alive() -> Response:
        return PlainTextResponse("ok\n")

    @app.get("/readyz")
    async def ready() -> Response:
        return PlainTextResponse("ready\n") if is_ready() else PlainTextResponse("reading the history\n", 503)

    @app.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
