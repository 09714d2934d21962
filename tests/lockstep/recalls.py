"""Takes labels back that a certificate withdraws, as long as review has no job that does: in the replay's order."""

from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime

from confluent_kafka import Producer
from tests.lockstep.outputs import record_of
from tests.lockstep.worker import Clock

from winnow.runtime.settings import Settings
from winnow_schemas.certificates import Certificate
from winnow_schemas.codec import encode
from winnow_schemas.decisions import Decision
from winnow_schemas.labels import Label
from winnow_schemas.records import Record
from winnow_schemas.review_requests import ReviewRequest


class Recalls:
    """For each withdrawn label a recall and a request; `recalled` counts them."""

    def __init__(self, settings: Settings, clock: Clock, record: Callable[[int], Record]) -> None:
        self._settings = settings
        self._clock = clock
        self._record = record
        self._producer = Producer(settings.producer_config(None) | {"linger.ms": 0})
        self._held: deque[Label] = deque()
        self.recalled = 0

    def hold(self, label: Label) -> None:
        """The machine labelled a record."""
        self._held.append(label)

    def settle(self, certificate: Certificate) -> None:
        """Some labels are released, others withdrawn."""
        while self._held and (self._held[0].policy_version or 0) <= certificate.released:
            label = self._held.popleft()
            if not certificate.covers(label.policy_version or 0):
                self._recall(label)
        assert self._producer.flush(30) == 0

    def _recall(self, label: Label) -> None:
        self.recalled += 1
        gone = label.model_copy(update={"source": "recall", "label": None, "revision": 2})
        key = label.record_id.encode()
        self._producer.produce(self._settings.topics["labels"], encode(gone), key, partition=0)
        self._producer.produce(self._settings.topics["review-requests"], encode(self._request(label)), key, partition=0)

    def _request(self, label: Label) -> ReviewRequest:
        told = {name: value for name, value in label.model_dump().items() if name in Decision.model_fields}
        decision = Decision(**{**told, "reason": "confident", "look": "none"})
        return ReviewRequest(
            request_id=f"{label.decision_id}#2",
            record=self._record(record_of(label.decision_id)),
            reason="recalled",
            blind=False,
            priority=0.5,
            decision=decision,
            expires_at=datetime.fromtimestamp(self._clock(), UTC) + self._settings.task.review.expires,
        )
