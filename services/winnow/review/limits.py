"""What keeps a hostile client from doing harm: bounded bodies, bounded rates, and headers for the browser."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from winnow.review.problems import Problem, problem_response

MAX_BODY_BYTES = 64 * 1024
REMEMBERED = 10_000

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class RateLimit:
    """A bucket of `burst` tokens for each name, filled at `per_second`; bounded in memory."""

    def __init__(self, per_second: float, burst: float, clock: Callable[[], float]) -> None:
        self._per_second = per_second
        self._burst = burst
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def spend(self, name: str) -> None:
        """Take one token; raises `Problem` when there is none."""
        with self._lock:
            tokens, now = self._tokens(name)
            self._buckets[name] = (tokens - 1 if tokens >= 1 else tokens, now)
            self._buckets.move_to_end(name)
            if len(self._buckets) > REMEMBERED:
                self._buckets.popitem(last=False)
        self._refuse_without(tokens)

    def check(self, name: str) -> None:
        """Raises `Problem` when there is no token, and takes none."""
        with self._lock:
            tokens, _ = self._tokens(name)
        self._refuse_without(tokens)

    def _tokens(self, name: str) -> tuple[float, float]:
        now = self._clock()
        tokens, at = self._buckets.get(name, (self._burst, now))
        return min(self._burst, tokens + (now - at) * self._per_second), now

    def _refuse_without(self, tokens: float) -> None:
        if tokens < 1:
            wait = str(max(1, round((1 - tokens) / self._per_second)))
            raise Problem("too-many-requests", "slow down and try again", {"Retry-After": wait})


class SecurityHeaders:
    """Adds the headers that tell a browser what this page may do: little."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(SECURITY_HEADERS)
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class BodyLimit:
    """Reads the body before anybody else does, and no further than the limit."""

    def __init__(self, app: ASGIApp, max_bytes: int = MAX_BODY_BYTES) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        body = await self._read(receive)
        if body is None:
            too_large = Problem("too-large", f"at most {self._max_bytes} bytes", {"Connection": "close"})
            await problem_response(too_large)(scope, receive, send)
            return
        replayed: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive_again() -> Message:
            return replayed.pop() if replayed else await receive()

        await self._app(scope, receive_again, send)

    async def _read(self, receive: Receive) -> bytes | None:
        body = bytearray()
        while True:
            message = await receive()
            body += message.get("body", b"")
            if len(body) > self._max_bytes:
                return None
            if not message.get("more_body", False):
                return bytes(body)
