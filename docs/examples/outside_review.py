"""A reviewing system of your own, through the topics alone: no HTTP, no Redis, nothing of Winnow but its contracts.

It reads `review-requests`, lets `decide` answer, and writes `review-responses`. Three things matter:

- The reviewer's name stands in the reviewers file, or the answers are those of a stranger and do not count.
- The key is the record's id and the partitioner murmur2 (`murmur2_random` in librdkafka, the default in Java), so that
  an answer lies where its request lies.
- Of a request that is `blind` people may see the record and nothing else: neither `reason`, `suggestion`, `scores`,
  `decision` and `known_label`, nor the request's id.

The response's id is made of request and reviewer, so a request that is read twice is answered once. A `skip` passes a
record on, an `undo` takes an answer back. Whether others were faster, the answers that are wanted, ties and expiry: all
that is Winnow's.
"""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from confluent_kafka import Consumer, Producer

Decide = Callable[[dict[str, Any]], str | None]
"""From a record to its label; None: we cannot tell."""


def requests_of(consumer: Consumer, topic: str) -> Iterator[dict[str, Any]]:
    """All requests from now on, and those that came since this group was last here."""
    consumer.subscribe([topic])
    while True:
        message = consumer.poll(1.0)
        if message is not None and message.error() is None:
            yield json.loads(message.value()) | {"key": message.key().decode()}
            consumer.commit(message, asynchronous=False)


def response_to(request: dict[str, Any], reviewer: str, label: str | None) -> dict[str, Any]:
    """One answer, as `review-responses.v1` wants it."""
    answer = {"action": "skip"} if label is None else {"action": "label", "label": label}
    return {
        "response_id": f"{reviewer}/{request['request_id']}",
        "request_id": request["request_id"],
        "record_id": request["record"].get("id", request["key"]),
        "reviewer": reviewer,
        "at": datetime.now(UTC).isoformat(),
        **answer,
    }


def review(kafka: dict[str, str], reviewer: str, decide: Decide, prefix: str = "winnow") -> Iterator[str]:
    """Answer whatever is asked; yields the request ids answered."""
    consumer = Consumer(
        kafka
        | {
            "group.id": f"outside-review-{reviewer}",
            "isolation.level": "read_committed",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": "false",
        }
    )
    producer = Producer(kafka | {"partitioner": "murmur2_random", "enable.idempotence": "true"})
    try:
        for request in requests_of(consumer, f"{prefix}.review-requests.v1"):
            response = response_to(request, reviewer, decide(request["record"]))
            key = response["record_id"].encode()
            producer.produce(f"{prefix}.review-responses.v1", json.dumps(response).encode(), key)
            producer.flush()
            yield request["request_id"]
    finally:
        consumer.close()


if __name__ == "__main__":
    for answered in review(
        {"bootstrap.servers": "localhost:9092"},
        "keyword-robot",
        lambda record: "spam" if "watches" in record.get("text", "") else None,
    ):
        print(answered)
