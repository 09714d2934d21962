"""Records passed through in transactions: what exactly-once costs before anything is done with a record."""

from collections.abc import Sequence

from confluent_kafka import Message

from benchmarks.speed.loops import transactions
from benchmarks.speed.pipeline import Pipeline


def main() -> None:
    """Runs until it is ended."""
    pipeline = Pipeline.of_environment()
    labels = pipeline.labels

    def handle(messages: Sequence[Message], produce: transactions.Produce) -> None:
        for message in messages:
            produce(labels, message.value(), message.key())

    transactions.run(pipeline, handle)


if __name__ == "__main__":
    main()
