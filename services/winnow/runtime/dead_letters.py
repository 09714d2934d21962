"""Messages that nobody can use: how they are written down, and when there are too many of them."""

from base64 import b64encode
from collections import deque
from datetime import UTC, datetime

from winnow.runtime.messages import Incoming, Outgoing
from winnow_schemas.codec import encode
from winnow_schemas.dead_letters import DeadLetter, ErrorDetail, Position
from winnow_schemas.topics import Topics

_LONGEST_TEXT = 500


def dead_letter(  # noqa: PLR0913, PLR0917 - a dead letter is exactly this
    incoming: Incoming, error_code: str, message: str, service: str, topics: Topics, now: float, attempts: int = 1
) -> Outgoing:
    """`incoming` with its bytes as they were, its position and what is wrong with it; headers travel on."""
    letter = DeadLetter(
        original=b64encode(incoming.value or b""),
        key=None if incoming.key is None else b64encode(incoming.key),
        source=Position(topic=incoming.topic, partition=incoming.partition, offset=incoming.offset),
        error=ErrorDetail(code=error_code, message=message[:_LONGEST_TEXT]),
        service=service,
        attempts=attempts,
        at=datetime.fromtimestamp(now, UTC),
    )
    position = f"{incoming.topic}/{incoming.partition}/{incoming.offset}".encode()
    return Outgoing(topics["dead-letters"], encode(letter), key=position, headers=incoming.headers)


class DeadLetterLimit:
    """Too many when at least `at_least`, and more than `share`, of the last `window` messages died.

    A producer with a wrong contract is an operator's problem: better to stop than to write the
    whole stream into dead letters.
    """

    def __init__(self, share: float, window: int, at_least: int) -> None:
        self._share = share
        self._window = window
        self._at_least = at_least
        self._batches: deque[tuple[int, int]] = deque()
        self._handled = 0
        self._dead = 0

    def would_exceed(self, handled: int, dead: int) -> bool:
        """Whether it is too much with a batch of `handled` messages of which `dead` died."""
        all_dead = self._dead + dead
        return dead > 0 and all_dead >= self._at_least and all_dead > self._share * (self._handled + handled)

    def count(self, handled: int, dead: int) -> None:
        """A batch was committed."""
        self._batches.append((handled, dead))
        self._handled += handled
        self._dead += dead
        while self._handled - self._batches[0][0] >= self._window:
            old_handled, old_dead = self._batches.popleft()
            self._handled -= old_handled
            self._dead -= old_dead
