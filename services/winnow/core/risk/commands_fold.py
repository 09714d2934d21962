"""What operators ask for, each command once."""

from winnow.core.risk.epochs import Epochs
from winnow.core.risk.monitor_parts import Parts
from winnow_schemas.evidence import Command


class CommandsFold:
    """Commands stand among the other evidence, so that everybody who folds it does the same at the same place."""

    def __init__(self, parts: Parts, epochs: Epochs) -> None:
        self._parts = parts
        self._epochs = epochs

    def obey(self, command: Command) -> None:
        """Take in one message."""
        if not self._parts.commands.add(command.command_id):
            self._parts.repeated += 1
        elif command.action == "recall":
            self._recall(command)
        elif command.action == "resume":
            self._epochs.resume()
        elif command.action == "halt":
            self._epochs.halt(_told(command))
        else:
            self._epochs.end("operator", _told(command))

    def _recall(self, command: Command) -> None:
        """Take labels back, also those still held; the ledger counts them when their time comes, as all others.

        What is decided from now on is not meant: it gets another version.
        """
        assert command.first is not None
        assert command.last is not None
        newest = self._parts.issuer.current
        self._parts.releases.recall(command.first, min(command.last, newest))
        if command.first <= newest <= command.last:
            self._parts.issuer.demand_version()


def _told(command: Command) -> str:
    note = f": {command.note}" if command.note else ""
    return f"{command.action} by {command.operator}{note}"
