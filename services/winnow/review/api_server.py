"""Runs the API in a thread beside the loop: uvicorn on a socket that is bound before anything starts."""

import socket
import threading
from types import TracebackType
from typing import Self

import uvicorn
from fastapi import FastAPI

from winnow.runtime.errors import UsageError

SHUTDOWN_S = 3


class ApiServer:
    """Serves from `__enter__` to `__exit__`; sets `stop` when it ends by itself."""

    def __init__(self, app: FastAPI, host: str, port: int, stop: threading.Event) -> None:
        config = uvicorn.Config(
            app, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=SHUTDOWN_S
        )
        self._socket = _listening(host, port)
        self._server = uvicorn.Server(config)
        self._stop = stop
        self._thread = threading.Thread(target=self._serve, name="api", daemon=True)
        self.port: int = self._socket.getsockname()[1]
        self.has_failed = False

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=SHUTDOWN_S + 2)
        self._socket.close()

    def _serve(self) -> None:
        try:
            self._server.run(sockets=[self._socket])
        finally:
            if not self._server.should_exit:
                self.has_failed = True
                self._stop.set()


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Without the protocol asyncio does not set TCP_NODELAY, and each reply waits 40 ms for the client's delayed ACK.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise UsageError(
            f"cannot listen on {host}:{port} ({error.strerror}): give another WINNOW_HTTP__PORT (or WINNOW_HTTP__HOST)"
        ) from None
    return listener
