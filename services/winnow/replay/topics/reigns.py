"""Since which version each model decided, as the evidence tells it: by a change of the model, or by counts."""

from bisect import bisect_right, insort

from winnow.runtime.messages import Incoming
from winnow_schemas.codec import InvalidMessage, decode
from winnow_schemas.evidence import Counts, Evidence, ModelChange

_SAYS_SO = (b'"promoted"', b'"rolled_back"', b'"model_since"')
_FROM_THE_BEGINNING = b'"model_since":0,'


class Reigns:
    """The first versions of all models that ever decided; the very first one decided from 0 on."""

    def __init__(self) -> None:
        self._firsts = [0]

    def hear(self, evidence: Incoming) -> None:
        """One message."""
        value = evidence.value
        if value is None or _FROM_THE_BEGINNING in value or not any(word in value for word in _SAYS_SO):
            return
        try:
            told: Evidence = decode(Evidence, value)  # type: ignore[arg-type]
        except InvalidMessage:
            return
        if isinstance(told, Counts):
            self._began(told.model_since)
        elif isinstance(told, ModelChange) and told.change in {"promoted", "rolled_back"}:
            self._began(told.model_version)

    def since(self, version: int) -> int:
        """The first version of the model that had this one; 0 where there was no model."""
        return self._firsts[max(bisect_right(self._firsts, version) - 1, 0)]

    def _began(self, version: int) -> None:
        if version not in self._firsts:
            insort(self._firsts, version)
