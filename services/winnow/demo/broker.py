"""What the demo needs of a broker on this machine, whichever it is."""

import socket
from types import TracebackType
from typing import Protocol, Self

from winnow.runtime.settings import BrokerKind


class Broker(Protocol):
    """A running broker: ready when entered, gone when closed."""

    kind: BrokerKind

    @property
    def bootstrap_servers(self) -> str: ...

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def free_port() -> int:
    """A TCP port on loopback that nobody uses now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
