"""What all peers do with a record: check it, score it with River's logistic regression, and decide by a threshold."""

import json
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field
from river import linear_model, optim, preprocessing

from benchmarks.speed.pipeline import Pipeline


class Record(BaseModel):
    """The part of the contract that this stream uses: less to check than Winnow checks."""

    model_config = ConfigDict(allow_inf_nan=False)

    id: Annotated[str, Field(min_length=1, max_length=200)]
    features: dict[str, float]


class Outcome(NamedTuple):
    """One message to write: a label, or a request with the whole record."""

    is_sure: bool
    key: str
    value: dict[str, Any]


class Labelling:
    """A model that has learned the verdicts, and a threshold."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._model = preprocessing.StandardScaler() | linear_model.LogisticRegression(optimizer=optim.SGD(0.05))
        self._threshold = pipeline.threshold
        _learn(self._model, pipeline.verdicts)

    def outcome(self, record: Record) -> Outcome:
        """What becomes of a record."""
        scores = self._model.predict_proba_one(record.features)
        label = max(scores, key=scores.__getitem__)
        probability = scores[label]
        about = {"label": f"label{int(label)}", "probability": probability}
        if probability > self._threshold:
            return Outcome(True, record.id, {"record_id": record.id, **about})
        return Outcome(False, record.id, {"record": record.model_dump(), **about})


def _learn(model: Any, verdicts: Path) -> None:
    with verdicts.open() as lines:
        for line in lines:
            verdict = json.loads(line)
            model.learn_one(verdict["features"], verdict["label"] == "label1")
