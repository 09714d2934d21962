"""FastStream on confluent-kafka, in batches, each committed after it was handled (at least once)."""

import asyncio

from faststream import AckPolicy, FastStream
from faststream.confluent import KafkaBroker, KafkaPublishMessage

from benchmarks.speed.peers.labelling import Labelling, Record
from benchmarks.speed.pipeline import Pipeline

BATCH = 1_000

pipeline = Pipeline.of_environment()
labelling = Labelling(pipeline)
broker = KafkaBroker(pipeline.bootstrap, logger=None)
labels = broker.publisher(pipeline.labels, batch=True)
requests = broker.publisher(pipeline.requests, batch=True)


@broker.subscriber(  # type: ignore[untyped-decorator]
    pipeline.records,
    group_id=pipeline.group,
    auto_offset_reset="earliest",
    ack_policy=AckPolicy.ACK,
    batch=True,
    max_records=BATCH,
)
async def label(records: list[Record]) -> None:
    """One batch."""
    outcomes = [labelling.outcome(record) for record in records]
    for publisher, is_sure in ((labels, True), (requests, False)):
        messages = [
            KafkaPublishMessage(outcome.value, key=outcome.key.encode())
            for outcome in outcomes
            if outcome.is_sure == is_sure
        ]
        if messages:
            await publisher.publish(*messages)


if __name__ == "__main__":
    asyncio.run(FastStream(broker).run())
