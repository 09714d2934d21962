"""The transactional loop with River's `predict_proba_one`: records checked by Winnow's contract, scored one by one."""

import json
from collections.abc import Sequence
from typing import Any

from confluent_kafka import Message

from benchmarks.speed.loops import transactions
from benchmarks.speed.loops.river_models import RiverModel
from benchmarks.speed.pipeline import Pipeline
from winnow_schemas.codec import decode_record


def main() -> None:
    """Runs until it is ended."""
    pipeline = Pipeline.of_environment()
    model = RiverModel(pipeline.model, pipeline.verdicts)

    def handle(messages: Sequence[Message], produce: transactions.Produce) -> None:
        for message in messages:
            record: Any = decode_record(message.value())
            label, probability = model.top(record)
            about = {"label": label, "probability": probability}
            if probability > pipeline.threshold:
                produce(pipeline.labels, _bytes({"record_id": record["id"], **about}), message.key())
            else:
                produce(pipeline.requests, _bytes({"record": record, **about}), message.key())

    transactions.run(pipeline, handle)


def _bytes(message: dict[str, Any]) -> bytes:
    return json.dumps(message).encode()


if __name__ == "__main__":
    main()
