"""Reads the topics into an outcome ledger, until what looks wrong has had the time to come right."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from winnow.cli.outcome_ledger import Account, OutcomeLedger
from winnow.cli.terminal import Step
from winnow.cli.topic_reader import TopicReader
from winnow.runtime import admin
from winnow.runtime.messages import Incoming
from winnow.runtime.settings import Settings
from winnow_schemas.certificates import Certificate
from winnow_schemas.codec import InvalidMessage, decode
from winnow_schemas.dead_letters import DeadLetter
from winnow_schemas.evidence import Closed, Counts, Evidence
from winnow_schemas.labels import Label
from winnow_schemas.review_requests import ReviewRequest
from winnow_schemas.topics import TopicName
from winnow_schemas.unlabelled import Unlabelled

if TYPE_CHECKING:
    from collections.abc import Callable

READ: tuple[TopicName, ...] = (
    "records",
    "labels",
    "review-requests",
    "unlabelled",
    "dead-letters",
    "evidence",
    "certificates",
)
LOOKS = 4
LOOK_FOR_S = 1.5


@dataclass(frozen=True)
class Verification:
    """The account, and whether the scorers' own counts and every message read agree with it."""

    account: Account
    unreadable: int
    whole: bool

    @property
    def counts_agree(self) -> bool:
        """Only comparable while the topics still hold everything since their beginning."""
        return not self.whole or self.account.counted == self.account.written

    @property
    def holds(self) -> bool:
        """Whether every decision has exactly one outcome."""
        return self.account.adds_up and self.counts_agree and not self.unreadable


class OutcomeReader:
    """Feeds every message of the topics that hold outcomes to the ledger."""

    def __init__(self, settings: Settings) -> None:
        topics = settings.topics
        self._ledger = OutcomeLedger(admin.stream_id(settings), topics["records"])
        self._reader = TopicReader(settings, [topics[name] for name in READ], "beginning")
        self._records = topics["records"]
        self._read: dict[str, Callable[[bytes], None]] = {
            topics["labels"]: lambda value: self._ledger.label(decode(Label, value)),
            topics["review-requests"]: lambda value: self._ledger.request(decode(ReviewRequest, value)),
            topics["unlabelled"]: lambda value: self._ledger.unlabelled(decode(Unlabelled, value)),
            topics["dead-letters"]: lambda value: self._ledger.dead_letter(decode(DeadLetter, value)),
            topics["evidence"]: self._evidence,
            topics["certificates"]: lambda value: self._ledger.certificate(decode(Certificate, value)),
        }
        self._unreadable = 0

    def verify(self, step: Step) -> Verification:
        """Read all there is; while something is off, look again at what came since, a few times.

        A half of a transaction may be read before its other half, and a stream goes on meanwhile:
        only what stays wrong is wrong.
        """
        with self._reader:
            whole = not any(self._reader.starts().values())
            for done, message in enumerate(self._reader.read_to_end(), start=1):
                self._take(message)
                step(done, "messages")
            verification = self._verification(whole)
            for _ in range(LOOKS):
                if verification.holds:
                    break
                for message in self._reader.poll(LOOK_FOR_S):
                    self._take(message)
                verification = self._verification(whole)
        return verification

    def _verification(self, whole: bool) -> Verification:
        return Verification(self._ledger.account(), self._unreadable, whole)

    def _take(self, message: Incoming) -> None:
        if message.topic == self._records:
            self._ledger.record(message.partition, message.offset)
        elif message.value is not None:
            try:
                self._read[message.topic](message.value)
            except InvalidMessage:
                self._unreadable += 1

    def _evidence(self, value: bytes) -> None:
        match decode(Evidence, value):  # type: ignore[arg-type]
            case Closed() as closed:
                self._ledger.closing(closed)
            case Counts() as counts:
                self._ledger.counts(counts)
