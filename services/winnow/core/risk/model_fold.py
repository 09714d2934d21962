"""Another model decides: the gates start afresh on its own answers, the ledgers go on, for they hold for any model."""

from winnow.core.risk.epochs import Epochs
from winnow.core.risk.monitor_parts import Parts
from winnow_schemas.evidence import ModelChange


class ModelFold:
    """What the learner says of the model that decides."""

    def __init__(self, parts: Parts, epochs: Epochs) -> None:
        self._parts = parts
        self._epochs = epochs

    def hear(self, change: ModelChange) -> None:
        """Take in one message. Answers about former models teach the error model, and no gate any more."""
        if change.change in {"promoted", "rolled_back"}:
            if change.model_version <= self._parts.model_since:
                self._parts.repeated += 1
            self.begin(change.model_version)
        elif change.change == "withheld" and change.model_version > self._parts.model_withheld:
            self._parts.model_withheld = change.model_version
            values = {"model_version": float(change.model_version)}
            message = f"newer versions of {change.name} are not given out: {change.note}"
            self._epochs.tell("model", message, values)

    def begin(self, version: int) -> None:
        """Another model decides from this version on, unless that is known."""
        parts = self._parts
        if version <= max(parts.model_since, 0):
            return
        parts.model_since = version
        for scope in parts.scopes:
            scope.forget_answers()
        parts.issuer.demand_version()
