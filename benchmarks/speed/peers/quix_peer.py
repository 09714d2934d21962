"""Quix Streams with its exactly-once guarantee and its own commit interval (a transaction of 5 s)."""

from typing import Any

from quixstreams import Application

from benchmarks.speed.peers.labelling import Labelling, Outcome, Record
from benchmarks.speed.pipeline import Pipeline


def main() -> None:
    """Runs until it is ended."""
    pipeline = Pipeline.of_environment()
    labelling = Labelling(pipeline)
    app = Application(
        broker_address=pipeline.bootstrap,
        consumer_group=pipeline.group,
        auto_offset_reset="earliest",
        processing_guarantee="exactly-once",
        state_dir=pipeline.state,
        loglevel="WARNING",
    )
    records = app.topic(pipeline.records, value_deserializer="json")
    labels = app.topic(pipeline.labels, value_serializer="json")
    requests = app.topic(pipeline.requests, value_serializer="json")

    def outcome(value: dict[str, Any]) -> Outcome:
        return labelling.outcome(Record.model_validate(value))

    outcomes = app.dataframe(records).apply(outcome)
    outcomes.filter(lambda outcome: outcome.is_sure).apply(lambda outcome: outcome.value).to_topic(labels)
    outcomes.filter(lambda outcome: not outcome.is_sure).apply(lambda outcome: outcome.value).to_topic(requests)
    app.run()


if __name__ == "__main__":
    main()
