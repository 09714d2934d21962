"""Verdicts that look wrong as they come: people should look at their records a second time.

Two of the checks that `winnow check` makes of a file, made one verdict at a time: confident learning (Northcutt, Jiang
& Chuang 2021) with the scores of decision time, which no model gave that had seen the verdict; and verdicts about
nearly the same record that contradict each other. At most a share of all verdicts is doubted.

Evidence is left alone. Only verdicts on requests that were put before people because the machine was not sure are
doubted: their closing stays what it was, and the second verdict is none about the machine. An audit's would be
reopened; to pick audits by what came of them would bias the error that they measure. Gold is known already.
"""

from collections import defaultdict
from typing import NamedTuple

from winnow.core.checks.verdict_memory import VerdictMemory
from winnow.core.models import ModelInput
from winnow.core.models.record_input import without_functions
from winnow_schemas.base import Reason
from winnow_schemas.verdicts import Verdict

SURE = 0.9
"""A model that is less sure of another label contradicts nobody."""

FEWEST = 30
"""So many verdicts on a label tell how sure the model is of it usually."""

_FADING = 0.999
_OPEN_TO_DOUBT: frozenset[Reason] = frozenset({"cold", "uncertain", "novel", "suspended", "stale"})


class Doubted(NamedTuple):
    """A verdict in doubt: `label` is what it said of the record."""

    decision_id: str
    record_id: str
    revision: int
    label: str
    why: str


class _Heard(NamedTuple):
    """One verdict, how probable its label was, and whether it is open to doubt."""

    verdict: Verdict
    own: float | None
    is_open: bool


class _Usual:
    """How sure the model is of a label where people agree with it; old verdicts fade."""

    def __init__(self) -> None:
        self.verdicts = 0
        self._weight = self._sum = 0.0

    def add(self, own: float) -> None:
        self.verdicts += 1
        self._weight = _FADING * self._weight + 1.0
        self._sum = _FADING * self._sum + own

    @property
    def sureness(self) -> float:
        return self._sum / self._weight if self.verdicts >= FEWEST else 1.0


class SecondLook:
    """Hears all verdicts. `share` of those that are open to doubt may be doubted, at most."""

    def __init__(self, share: float) -> None:
        self._share = share
        self._memory: VerdictMemory[_Heard] = VerdictMemory()
        self._usual: defaultdict[str, _Usual] = defaultdict(_Usual)
        self._heard = 0
        self._doubted = 0

    def hear(self, verdict: Verdict, values: ModelInput) -> Doubted | None:
        """The verdict that people should look at again now: this one, or an earlier one that it contradicts."""
        heard = _Heard(verdict, _own(verdict), _is_open(verdict))
        before = self._memory.alike(without_functions(values), heard)
        self._heard += heard.is_open
        found = self._contradicted(heard, before) or self._improbable(heard)
        if heard.own is not None:
            self._usual[verdict.label].add(heard.own)
        if found is None or self._doubted + 1 > self._share * self._heard:
            return None
        self._doubted += 1
        return found

    def _contradicted(self, heard: _Heard, before: _Heard | None) -> Doubted | None:
        """Of two the one that the model found less probable; the newer one where it does not say."""
        if before is None or before.verdict.label == heard.verdict.label or _is_same(before.verdict, heard.verdict):
            return None
        open_ones = [one for one in (heard, before) if one.is_open]
        if not open_ones:
            return None
        least = min(open_ones, key=lambda one: 1.0 if one.own is None else one.own)
        other = before if least is heard else heard
        return _doubted(least.verdict, f"nearly the same record was labelled {other.verdict.label}")

    def _improbable(self, heard: _Heard) -> Doubted | None:
        decision = heard.verdict.decision
        if not heard.is_open or decision is None or decision.scores is None or decision.label is None:
            return None
        told, label = decision.scores[decision.label], decision.label
        if label == heard.verdict.label or told < max(SURE, self._usual[label].sureness):
            return None
        return _doubted(heard.verdict, f"the model was sure of {label}")


def _is_open(verdict: Verdict) -> bool:
    """Whether one person said it, of a record that came before people because the machine was not sure."""
    return verdict.decision is not None and verdict.reason in _OPEN_TO_DOUBT and len(verdict.answers) == 1


def _own(verdict: Verdict) -> float | None:
    scores = verdict.decision.scores if verdict.decision else None
    return None if scores is None else scores.get(verdict.label)


def _is_same(one: Verdict, other: Verdict) -> bool:
    """Whether both are about one decision: the second look at it, or its answer taken back."""
    decisions = [verdict.decision.decision_id if verdict.decision else None for verdict in (one, other)]
    return decisions[0] is not None and decisions[0] == decisions[1]


def _doubted(verdict: Verdict, why: str) -> Doubted | None:
    record_id = verdict.record.get("id")
    if verdict.decision is None or record_id is None:
        return None
    return Doubted(verdict.decision.decision_id, record_id, verdict.revision, verdict.label, why)
