"""All that comes out of Kafka, read back as it comes, and held against the replay."""

from collections import Counter
from collections.abc import Callable

from tests.lockstep.comparison import Comparison
from tests.lockstep.waiting import promptly

from winnow.runtime.follower import Follower
from winnow.runtime.messages import Incoming
from winnow.runtime.settings import Settings
from winnow_schemas.certificates import Certificate
from winnow_schemas.codec import decode
from winnow_schemas.drift_alarms import DriftAlarm
from winnow_schemas.labels import Label
from winnow_schemas.policies import Policy
from winnow_schemas.review_requests import ReviewRequest
from winnow_schemas.topics import TopicName
from winnow_schemas.unlabelled import Unlabelled

_IN_ORDER: tuple[TopicName, ...] = (
    "policies",
    "drift-alarms",
    "certificates",
    "labels",
    "review-requests",
    "unlabelled",
    "dead-letters",
)
"""What is named by others comes first."""


class Outputs:
    """`told` counts messages of the monitor by topic (of policies, the versions), `outcomes` the records
    that came out, `recalled` requests about labels taken back.

    What the conductor has to act on waits in `requests`, `auto_labels` and `certificates`; it empties them.
    """

    def __init__(self, settings: Settings, comparison: Comparison) -> None:
        self._topics = [settings.topics[name] for name in _IN_ORDER]
        self._follower = Follower(settings, self._topics)
        self._comparison = comparison
        self.told: Counter[str] = Counter()
        self.outcomes = 0
        self.recalled = 0
        self.requests: list[ReviewRequest] = []
        self.auto_labels: list[Label] = []
        self.certificates: list[Certificate] = []

    @property
    def watched(self) -> frozenset[str]:
        """Full names of the topics that are read."""
        return frozenset(self._topics)

    def read_until(self, condition: Callable[[], bool], what: str) -> None:
        """Compare what comes."""

        def compared() -> bool:
            self.read()
            return condition()

        promptly(compared, what)

    def read(self) -> None:
        """Compare what has come."""
        messages = self._follower.poll()
        takes = (self._policy, self._alarm, self._certificate, self._label, self._request, self._left, self._dead)
        for topic, take in zip(self._topics, takes, strict=True):
            for message in messages:
                if message.topic == topic and message.value is not None:
                    take(message)

    def _policy(self, message: Incoming) -> None:
        if (message.key or b"").startswith(b"version/"):
            self.told[message.topic] += 1
            self._comparison.issued(decode(Policy, message.value or b""))

    def _alarm(self, message: Incoming) -> None:
        self.told[message.topic] += 1
        self._comparison.alarmed(decode(DriftAlarm, message.value or b""))

    def _certificate(self, message: Incoming) -> None:
        self.told[message.topic] += 1
        certificate = decode(Certificate, message.value or b"")
        self._comparison.certified(certificate)
        self.certificates.append(certificate)

    def _label(self, message: Incoming) -> None:
        label = decode(Label, message.value or b"")
        if label.source == "auto":
            self.outcomes += 1
            self._comparison.labelled(record_of(label.decision_id), label)
            self.auto_labels.append(label)

    def _request(self, message: Incoming) -> None:
        request = decode(ReviewRequest, message.value or b"")
        if request.reason != "recalled":
            self.outcomes += 1
            self._comparison.decided(record_of(request.request_id), request.decision)
            assert request.reason == request.decision.reason
        else:
            self.recalled += 1
        self.requests.append(request)

    def _left(self, message: Incoming) -> None:
        left = decode(Unlabelled, message.value or b"")
        if left.reason == "budget":
            self.outcomes += 1
            self._comparison.decided(record_of(left.decision_id), left.decision)

    def _dead(self, message: Incoming) -> None:
        self.outcomes += 1
        assert record_of((message.key or b"").decode()) in self._comparison.story.dead

    def close(self) -> None:
        """Close the connections."""
        self._follower.close()


def record_of(decision_id: str) -> int:
    """The record's offset: its line in the file."""
    return int(decision_id.partition("#")[0].rpartition("/")[2])
