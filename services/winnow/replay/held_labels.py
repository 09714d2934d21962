"""Auto labels that are published but can still be taken back, in the order of their decisions."""

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from winnow.core.models import ModelInput
from winnow.replay.watching import Decided
from winnow_schemas.certificates import Certificate


class Held(NamedTuple):
    """One auto label; `values` is what a model reads of its record, should people get it after all."""

    decided: Decided
    values: ModelInput


class HeldLabels:
    """Policy versions never go back, so those that a certificate decides about stand first."""

    def __init__(self) -> None:
        self._labels: deque[Held] = deque()

    def __len__(self) -> int:
        return len(self._labels)

    def hold(self, held: Held) -> None:
        """A label was decided."""
        self._labels.append(held)

    def settle(self, certificate: Certificate) -> Iterator[tuple[Held, bool]]:
        """Labels that are held no longer, and whether they were released (else they are recalled)."""
        while self._labels and self._labels[0].decided.decision.policy_version <= certificate.released:
            held = self._labels.popleft()
            yield held, certificate.covers(held.decided.decision.policy_version)
