"""The decisions of a batch as the messages that say them: labels, requests to people, and what a budget leaves."""

from collections.abc import Iterator
from itertools import repeat

import numpy as np

from winnow.core.decision import LEFT_ROWS, Row
from winnow.runtime.messages import Outgoing
from winnow.scorer.decided_batch import DecidedBatch, Some
from winnow.scorer.label_messages import LabelMessages
from winnow.scorer.request_messages import RequestMessages
from winnow.scorer.settings import ScorerSettings
from winnow.scorer.unlabelled_messages import UnlabelledMessages

_new = tuple.__new__
_NOTHING = Outgoing("", None)


class Outcomes:
    """Writes one message per record, in the order of the records, whose headers travel on.

    They are made without the named tuple's own constructor, as in `runtime.consumed`: this runs once a message.
    """

    def __init__(self, settings: ScorerSettings) -> None:
        self._topics = settings.topics
        self._labels = LabelMessages(settings)
        self._requests = RequestMessages(settings)
        self._left = UnlabelledMessages(settings)

    def of(self, batch: DecidedBatch) -> list[Outgoing]:
        """What is written about a batch."""
        keys = list(map(str.encode, batch.read.ids))
        headers = batch.read.messages.headers
        outgoing = [_NOTHING] * len(keys)
        for topic, some, values in self._written(batch):
            own_keys, own_headers = (map(column.__getitem__, some.at) for column in (keys, headers))
            written = map(_new, repeat(Outgoing), zip(repeat(topic), values, own_keys, repeat(None), own_headers))
            for place, message in zip(some.at, written, strict=True):
                outgoing[place] = message
        return outgoing

    def _written(self, batch: DecidedBatch) -> Iterator[tuple[str, Some, list[bytes]]]:
        unseen = batch.decision.rows == Row.UNSEEN
        if unseen.any():
            labelled = Some(batch, np.flatnonzero(unseen))
            yield self._topics["labels"], labelled, self._labels.of(labelled)
        left = np.zeros_like(unseen) if batch.decision.chances is None else np.isin(batch.decision.rows, LEFT_ROWS)
        if left.any():
            for some, values in self._left.of(Some(batch, np.flatnonzero(left))):
                yield self._topics["unlabelled"], some, values
        asked = ~(unseen | left)
        if asked.any():
            for some, values in self._requests.of(Some(batch, np.flatnonzero(asked))):
                yield self._topics["review-requests"], some, values
