"""`/healthz` (alive), `/readyz` (caught up and connected) and `/metrics` of a service that has no web server.

`python -m winnow.runtime.health PORT` asks a service on this machine whether it is ready (exit code
0 or 1), for container health checks.
"""

import http.client
import json
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest

from winnow.runtime.errors import UsageError

_ANSWER_WITHIN_S = 3.0
Answer = tuple[int, str, bytes]
Answering = Callable[[str], Answer]


class HealthServer:
    """`with HealthServer("scorer", host, port) as health: health.ready(True)`; port 0 takes a free one."""

    def __init__(self, name: str, host: str, port: int, registry: CollectorRegistry = REGISTRY) -> None:
        self._name = name
        self._registry = registry
        self._ready = threading.Event()
        self._server = _listening(host, port, self._answer)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), name="health", daemon=True)

    def ready(self, is_ready: bool) -> None:  # noqa: FBT001 - a state, not a switch
        """Whether the service is caught up and connected."""
        if is_ready:
            self._ready.set()
        else:
            self._ready.clear()

    def start(self) -> None:
        """Answer from now on, in a thread of its own."""
        self._thread.start()

    def close(self) -> None:
        """Stop answering and give the port back."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _answer(self, path: str) -> Answer:
        match path.partition("?")[0]:
            case "/healthz":
                return self._status(200, "alive")
            case "/readyz":
                return self._status(200, "ready") if self._ready.is_set() else self._status(503, "not ready")
            case "/metrics":
                return 200, CONTENT_TYPE_LATEST, generate_latest(self._registry)
            case _:
                return self._status(404, "not found")

    def _status(self, code: int, status: str) -> Answer:
        return code, "application/json", json.dumps({"service": self._name, "status": status}).encode()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a probe that hangs up is no event."""


def _listening(host: str, port: int, answer: Answering) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        timeout = _ANSWER_WITHIN_S

        def do_GET(self) -> None:
            code, kind, body = answer(self.path)
            self.send_response(code)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            """Say nothing: probes come every few seconds."""

    try:
        return _Server((host, port), Handler)
    except OSError as error:
        raise UsageError(
            f"cannot listen on {host}:{port} ({error.strerror}): give another WINNOW_HTTP__PORT (or WINNOW_HTTP__HOST)"
        ) from None


def is_ready(port: int, host: str = "127.0.0.1") -> bool:
    """Whether the service there says that it is ready."""
    connection = http.client.HTTPConnection(host, port, timeout=_ANSWER_WITHIN_S)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(not is_ready(int(sys.argv[1])))
