"""Labels that are published and not released yet, as certificates tell: how many of them must be taken back."""

from collections import deque

from winnow_schemas.base import NO_POLICY
from winnow_schemas.certificates import Certificate
from winnow_schemas.labels import Label


class Held:
    """`withdrawn` counts the labels that certificates took back before they were released."""

    def __init__(self) -> None:
        self._versions: deque[int] = deque()
        self.withdrawn = 0

    def hold(self, label: Label) -> None:
        """The machine labelled a record; policy versions never go back."""
        self._versions.append(NO_POLICY if label.policy_version is None else label.policy_version)

    def settle(self, certificate: Certificate) -> None:
        """Some labels are released, others withdrawn."""
        while self._versions and self._versions[0] <= certificate.released:
            self.withdrawn += not certificate.covers(self._versions.popleft())
