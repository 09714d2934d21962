"""A model that has learned real mail, for pictures on which the words that spoke for a suggestion are its own."""

import gzip
import json
from collections.abc import Sequence
from datetime import UTC, datetime

from winnow.core.compiled import Compiled, compile_model
from winnow.core.models import RecordReader, build
from winnow.demo.sample import SAMPLE
from winnow.runtime.messages import Outgoing
from winnow.runtime.model_keys import ModelKeys
from winnow.runtime.model_state import ModelState
from winnow.runtime.snapshot_slots import CHAMPION
from winnow.runtime.snapshots import publish, seal_snapshot
from winnow_schemas.task import Task

LEARNED = 1_500
NAME = "text_logistic"


def taught_with_mail(task: Task) -> Compiled:
    """The champion after the first mails of the sample."""
    model, reader = build(task, NAME), RecordReader(task)
    with gzip.open(SAMPLE, "rt", encoding="utf-8") as lines:
        for _, line in zip(range(LEARNED), lines, strict=False):
            mail = json.loads(line)
            model.learn_one(reader.read({"text": mail["text"]}).values, mail["label"])
    compiled = compile_model(task, NAME, model, LEARNED)
    assert compiled is not None
    return compiled


def published(champion: Compiled, topic: str, keys: ModelKeys) -> Sequence[Outgoing]:
    """As the learner writes it."""
    at = datetime.now(UTC)
    state = ModelState(CHAMPION, NAME, champion.task.task, champion.version, LEARNED, LEARNED, at, champion)
    return publish(topic, seal_snapshot(state.as_compiled(champion.digest), keys), None)
