"""Produces a stream at a steady rate: `python -m benchmarks.speed.paced BOOTSTRAP TOPIC RATE SECONDS START`.

Record number n is due at `START + n / RATE` whether or not the producer is late: a producer that is held up does not
make the measured latency shorter (no coordinated omission).
"""

import sys
import time

from confluent_kafka import Producer

from benchmarks.speed.streams import Shape, records

SHAPE = Shape("paced", 2, features=18)
_LOOK_EVERY_S = 0.001


def due_at(number: int, rate: float, start: float) -> float:
    """When a record of that number should be produced."""
    return start + number / rate


def number_of(key: bytes) -> int:
    """The number of the record with that key."""
    return int(key.rpartition(b"-")[2])


def main() -> None:
    """Until all are produced."""
    bootstrap, topic, rate, seconds, start = sys.argv[1], sys.argv[2], *map(float, sys.argv[3:6])
    producer = Producer(
        {"bootstrap.servers": bootstrap, "partitioner": "murmur2_random", "linger.ms": 1, "acks": "all"}
    )
    for number, (key, value) in enumerate(records(SHAPE, int(rate * seconds))):
        while time.time() < due_at(number, rate, start):
            producer.poll(0)
            time.sleep(_LOOK_EVERY_S)
        producer.produce(topic, value, key)
    sys.exit(producer.flush(30))


if __name__ == "__main__":
    main()
