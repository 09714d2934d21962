"""A transactional loop in a thread of the test's own process."""

import threading
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from winnow.runtime.loop import TransactionalLoop


class RunningLoop:
    """Runs from `with` to its end; `error` is what ended it early."""

    def __init__(self, loop: "TransactionalLoop") -> None:
        self._loop = loop
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.error: BaseException | None = None

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self._thread.is_alive()

    def finish(self) -> None:
        """Ask it to end and wait for that; raises what ended it early."""
        self._stop.set()
        self._thread.join(30)
        assert not self._thread.is_alive(), "the loop does not end"
        if self.error is not None:
            raise self.error

    def ended(self, within_s: float = 30.0) -> BaseException | None:
        """Wait until it ends by itself; what ended it."""
        self._thread.join(within_s)
        assert not self._thread.is_alive(), "the loop goes on"
        return self.error

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(30)
        if error is not None and self.error is not None:
            error.add_note(f"the loop ended with {self.error!r}")

    def _run(self) -> None:
        try:
            self._loop.run(self._stop)
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            self.error = error
