"""Responses that came before their requests, and so became dead letters: a rebuild must not count them either.

A response is judged when requests have been read up to some offset; a request it names and that stands there or
behind came too late for it. Offsets grow on both sides, so one pair speaks for all responses before it too.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple, Self

REMEMBERED = 40
"""Beyond so many pairs the oldest are forgotten: a note has little room."""


class _Judged(NamedTuple):
    """The response at this offset, and those before it, know only requests before `requests_read`."""

    response: int
    requests_read: int


@dataclass(frozen=True, slots=True)
class EarlyResponses:
    """Those of one partition number, in the order of their offsets."""

    judged: tuple[_Judged, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.judged)

    def dead(self, response: int, requests_read: int) -> Self:
        """The response at this offset named an unknown request when requests were read so far."""
        kept = self.judged[:-1] if self.judged and self.judged[-1].requests_read == requests_read else self.judged
        return type(self)((*kept, _Judged(response, requests_read))[-REMEMBERED:])

    def was_dead(self, response: int, request: int) -> bool:
        """Whether the response at that offset came too early for the request at that one."""
        return any(response <= each.response and request >= each.requests_read for each in self.judged)

    def encoded(self) -> list[list[int]]:
        """As JSON."""
        return [list(each) for each in self.judged]

    @classmethod
    def read(cls, note: Any) -> Self:
        """What `encoded` wrote; nothing for anything else."""
        try:
            return cls(tuple(_Judged(int(response), int(request)) for response, request in note or ()))
        except (TypeError, ValueError):
            return cls()


NONE_EARLY = EarlyResponses()
