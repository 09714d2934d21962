"""Bytewax with its Kafka operators: `python -m bytewax.run benchmarks.speed.peers.bytewax_peer -r FOLDER`.

Recovery is on, which is where Bytewax keeps its offsets; at least once is what it can promise.
"""

import json

import bytewax.operators as op
from bytewax.connectors.kafka import KafkaSinkMessage, KafkaSourceMessage
from bytewax.connectors.kafka import operators as kop
from bytewax.dataflow import Dataflow

from benchmarks.speed.peers.labelling import Labelling, Outcome, Record
from benchmarks.speed.pipeline import Pipeline

pipeline = Pipeline.of_environment()
labelling = Labelling(pipeline)


def outcome(message: KafkaSourceMessage) -> Outcome:
    """What becomes of a message."""
    return labelling.outcome(Record.model_validate_json(message.value))


def written(outcome: Outcome) -> KafkaSinkMessage:
    """The message to write."""
    return KafkaSinkMessage(outcome.key.encode(), json.dumps(outcome.value).encode())


flow = Dataflow("labelling")
brokers = [pipeline.bootstrap]
records = kop.input("records", flow, brokers=brokers, topics=[pipeline.records])
outcomes = op.map("outcome", records.oks, outcome)
sure = op.branch("sure", outcomes, lambda outcome: outcome.is_sure)
kop.output("labels", op.map("label", sure.trues, written), brokers=brokers, topic=pipeline.labels)
kop.output("requests", op.map("request", sure.falses, written), brokers=brokers, topic=pipeline.requests)
