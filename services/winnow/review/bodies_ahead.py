"""Fetches bodies before anybody asks for them: of the best candidates, those that reviewers are given next.

With a million requests open most bodies are in Kafka alone, and to read one by its position takes longer than all the
rest of `next`. Nothing rests on it: what does not come in time is read when it is needed.
"""

import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Self

import structlog

from winnow.review.bodies import Bodies, Position
from winnow.runtime.errors import TransientError

log = structlog.get_logger(__name__)


class BodiesAhead:
    """A thread that always works on what was expected last."""

    def __init__(self, bodies: Bodies) -> None:
        self._bodies = bodies
        self._expected: Sequence[Position] = ()
        self._is_over = False
        self._news = threading.Condition()
        self._thread = threading.Thread(target=self._fetch, name="bodies ahead", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._news:
            self._is_over = True
            self._news.notify()
        self._thread.join(timeout=2)

    def expect(self, positions: Sequence[Position]) -> None:
        """These will be asked for next; what was expected before and is not yet fetched no longer matters."""
        with self._news:
            self._expected = positions
            self._news.notify()

    def _fetch(self) -> None:
        while (positions := self._next()) is not None:
            try:
                self._bodies.gather(positions)
            except TransientError as error:
                log.info("bodies are fetched when they are needed", error=str(error))

    def _next(self) -> Sequence[Position] | None:
        with self._news:
            self._news.wait_for(lambda: self._expected or self._is_over)
            positions, self._expected = self._expected, ()
            return None if self._is_over else positions
