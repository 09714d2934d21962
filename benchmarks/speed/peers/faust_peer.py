"""Faust: an agent over a topic of bytes, tuned: `python -m benchmarks.speed.peers.faust_peer worker --without-web`.

The settings that made a difference: no waiting for an empty stream, commits once a second, large fetches,
a lingering producer, uvloop, no table, no leader topic, and `send_soon`, which leaves the waiting to the producer.
"""

import faust
import orjson

from benchmarks.speed.peers.labelling import Labelling, Record
from benchmarks.speed.pipeline import Pipeline

pipeline = Pipeline.of_environment()
labelling = Labelling(pipeline)

app = faust.App(
    pipeline.group,
    broker=f"kafka://{pipeline.bootstrap}",
    datadir=str(pipeline.state),
    store="memory://",
    key_serializer="raw",
    value_serializer="raw",
    consumer_auto_offset_reset="earliest",
    topic_disable_leader=True,
    topic_allow_declare=False,
    web_enabled=False,
    stream_wait_empty=False,
    broker_commit_interval=1.0,
    broker_session_timeout=60.0,
    consumer_max_fetch_size=4 * 1024 * 1024,
    producer_linger_ms=20,
)
records = app.topic(pipeline.records, value_type=bytes)
labels = app.topic(pipeline.labels, value_type=bytes)
requests = app.topic(pipeline.requests, value_type=bytes)


@app.agent(records)  # type: ignore[untyped-decorator]
async def label(stream: faust.Stream) -> None:
    """One record after the other."""
    async for value in stream:
        outcome = labelling.outcome(Record.model_validate_json(value))
        topic = labels if outcome.is_sure else requests
        topic.send_soon(key=outcome.key.encode(), value=orjson.dumps(outcome.value))


if __name__ == "__main__":
    app.main()
