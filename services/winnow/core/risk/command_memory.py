"""Which commands were obeyed: an operator's tool that tries again must not end an epoch twice."""

from collections.abc import Sequence

_REMEMBERED = 100
"""Repeats come within seconds, and all of these must fit into the small head of the state."""


class CommandMemory:
    """The ids of the newest commands, oldest first."""

    def __init__(self) -> None:
        self._ids: list[str] = []

    def add(self, command_id: str) -> bool:
        """Note a command; False when it came before."""
        if command_id in self._ids:
            return False
        self._ids = [*self._ids, command_id][-_REMEMBERED:]
        return True

    def snapshot(self) -> list[str]:
        return list(self._ids)

    def restore(self, ids: Sequence[str]) -> None:
        self._ids = list(ids)
