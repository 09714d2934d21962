"""Which records that ended without a label may be sent in again: the fold behind `winnow redrive`.

Pure: messages go in, first of `unlabelled` and `labels`, then of `records`. A record is sent again once: whoever finds
it on `records` behind its decision, sent by an earlier run or by its producer, leaves it out. So a run that was
stopped is simply run again.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from winnow.cli.decision_ids import parse_decision_id
from winnow.runtime.messages import Incoming
from winnow_schemas.codec import InvalidMessage, decode_record
from winnow_schemas.labels import Label
from winnow_schemas.unlabelled import Unlabelled, UnlabelledReason


@dataclass(frozen=True, slots=True)
class Wanted:
    """With one of these reasons, and decided by a model version up to `model_up_to`, where that is said."""

    reasons: Collection[UnlabelledReason]
    model_up_to: int | None = None

    def holds_for(self, left: Unlabelled) -> bool:
        """Whether this one is wanted."""
        grown = self.model_up_to is None or left.decision.model_version <= self.model_up_to
        return left.reason in self.reasons and grown


class LeftRecords:
    """`stream` is the incarnation of `records` whose offsets count; of another one all messages came later."""

    def __init__(self, wanted: Wanted, stream: str) -> None:
        self._wanted = wanted
        self._stream = stream
        self._newest: dict[str, Unlabelled] = {}
        self._labelled: set[str] = set()
        self._sent_again: set[str] = set()

    def left(self, unlabelled: Unlabelled) -> None:
        """A record that ended without a label; of one id the newest counts."""
        before = self._newest.get(unlabelled.record_id)
        if before is None or unlabelled.at >= before.at:
            self._newest[unlabelled.record_id] = unlabelled

    def label(self, label: Label) -> None:
        """People have answered after all."""
        if label.source == "human":
            self._labelled.add(label.decision_id)

    def record(self, message: Incoming) -> None:
        """A message of `records`."""
        record_id = _id_of(message)
        left = self._newest.get(record_id)
        if left is not None and self._is_later(message, left):
            self._sent_again.add(record_id)

    def _is_later(self, message: Incoming, left: Unlabelled) -> bool:
        decided = parse_decision_id(left.decision_id)
        if decided is None or decided.stream != self._stream:
            return True
        if message.partition == decided.partition:
            return message.offset > decided.offset
        return message.timestamp >= left.decision.decided_at.timestamp()

    def due(self) -> Iterator[Unlabelled]:
        """Those to send again, in the order in which they were left."""
        for left in sorted(self._newest.values(), key=lambda each: each.at):
            done = left.decision_id in self._labelled or left.record_id in self._sent_again
            if self._wanted.holds_for(left) and not done:
                yield left


def _id_of(message: Incoming) -> str:
    """Its own id, else its position; "" of what is no record."""
    try:
        record = decode_record(message.value or b"")
    except InvalidMessage:
        return ""
    return record.get("id") or f"{message.topic}/{message.partition}/{message.offset}"
