"""The web server in a thread of its own, while the process's main thread reads the topic.

Promises: a port in use is a `UsageError` before anything starts; a server that ends by itself is a
`RestartNeeded`; open streams never hold up the end of the process.
"""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self

import uvicorn
from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from winnow.dashboard.hub import Hub
from winnow.dashboard.web import create_app
from winnow.runtime.errors import RestartNeeded, UsageError

START_S = 20.0
STOP_S = 5.0


class PageServer:
    """Serves what `publish` is given; a context manager."""

    def __init__(
        self, host: str, port: int, hub: Hub, registry: CollectorRegistry, is_ready: Callable[[], bool]
    ) -> None:
        self._hub = hub
        self._socket = _bind(host, port)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._up = threading.Event()
        app = create_app(hub, registry, is_ready)
        app.router.lifespan_context = self._lifespan
        self._server = uvicorn.Server(
            uvicorn.Config(app, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=2)
        )
        self._thread = threading.Thread(target=self._serve, name="web", daemon=True)

    @property
    def address(self) -> str:
        """Where the page is."""
        host, port = self._socket.getsockname()[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def publish(self, page: bytes) -> None:
        """Hand a page to everybody who watches; raises `RestartNeeded` when nobody serves any more."""
        if self._loop is None or not self._thread.is_alive():
            raise RestartNeeded("the web server ended by itself")
        self._loop.call_soon_threadsafe(self._hub.publish, page)

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._up.wait(START_S):
            raise RestartNeeded("the web server did not start")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._loop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._hub.close)
        self._server.should_exit = True
        self._thread.join(STOP_S)
        self._socket.close()

    def _serve(self) -> None:
        self._server.run(sockets=[self._socket])

    @asynccontextmanager
    async def _lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        self._loop = asyncio.get_running_loop()
        self._up.set()
        yield


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # else asyncio sets no TCP_NODELAY
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise UsageError(
            f"cannot listen on {host}:{port}: {error.strerror}; choose another WINNOW_HTTP__PORT"
        ) from None
    return bound
