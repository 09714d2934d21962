"""What the demo needs of a broker on this machine, whichever it is."""

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
