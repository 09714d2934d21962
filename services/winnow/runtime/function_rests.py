"""Functions that took too long, or ended their process, are left alone for a while: longer each time in a row.

Pure: it is told the time, in seconds.
"""

from collections.abc import Iterable

_FIRST_S = 1.0
_LONGEST_S = 60.0


class FunctionRests:
    """Who rests, and until when."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}
        self._rest_s: dict[str, float] = {}

    def awake(self, names: Iterable[str], now: float) -> list[str]:
        """Those of them that may be asked."""
        return [name for name in names if self._until.get(name, now) <= now]

    def failed(self, name: str, now: float) -> None:
        """It rests from now on."""
        self._rest_s[name] = min(2.0 * self._rest_s.get(name, _FIRST_S / 2.0), _LONGEST_S)
        self._until[name] = now + self._rest_s[name]

    def did_well(self, name: str) -> None:
        """Should it fail again, that is the first time."""
        self._rest_s.pop(name, None)
