"""Review workers as processes, on a real broker and a real Redis, with three reviewers."""

import sys
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import redis
import yaml
from confluent_kafka import Producer
from tests.review.review_messages import review_request, review_response
from tests.support.child_process import end_child, start_child
from tests.support.environment import as_environment
from tests.support.kafka_topics import read_all
from tests.support.waiting import eventually

from winnow.demo.free_port import free_ports
from winnow.review.redis_queue import RedisQueue
from winnow.review.reviewers import token_hash
from winnow.runtime.admin import create_topics
from winnow.runtime.messages import Outgoing
from winnow.runtime.settings import Settings
from winnow_schemas.codec import decode, encode
from winnow_schemas.review_requests import ReviewRequest
from winnow_schemas.topics import TopicName, topic

if TYPE_CHECKING:
    import subprocess

NAMES = ("ada", "ben", "eve")
TASK = {"task": "spam", "labels": ["ham", "spam"], "input": {"text": True, "features": {"hour": "number"}}}


def token_of(name: str) -> str:
    return f"the token of {name}"


class RunningReview:
    """One deployment's topics, and its review workers by slot."""

    def __init__(self, settings: Settings, directory: Path, task: dict[str, Any] = TASK, **review: Any) -> None:
        task_file, self.reviewers_file = directory / "task.yaml", directory / "reviewers.yaml"
        task_file.write_text(yaml.safe_dump({**task, "review": {"lease": "5m", **review}}))
        self.write_reviewers(*NAMES)
        update = {
            "task_file": task_file,
            "review": settings.review.model_copy(update={"reviewers_file": self.reviewers_file}),
        }
        self.settings = settings.model_copy(update=update)
        self._directory = directory
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._ports: dict[str, int] = {}
        self._producer = Producer(self.settings.producer_config(None))
        self._sent = 0
        create_topics(self.settings)

    def write_reviewers(self, *names: str) -> None:
        roles = {"eve": "operator", "archive": "consumer"}
        entries = [
            {"name": name, "role": roles.get(name, "reviewer"), "token_sha256": token_hash(token_of(name))}
            for name in (*names, "archive")
        ]
        self.reviewers_file.write_text(yaml.safe_dump(entries))

    def start(self, slot: str = "0") -> None:
        port = self._ports.setdefault(slot, free_ports(1)[0])
        environment = as_environment(self.settings, WINNOW_SLOT=slot, WINNOW_HTTP__PORT=str(port))
        command = [sys.executable, "-m", "winnow.review"]
        self._processes[slot] = start_child(command, output=self.log_file(slot), environment=environment)

    def wait_ready(self, slot: str = "0") -> None:
        eventually(lambda: self._is_ready(slot), within_s=60, what="the review worker's start")

    def kill(self, slot: str = "0") -> None:
        self._processes[slot].kill()
        self._processes[slot].wait()

    def stop(self, slot: str = "0") -> int:
        return end_child(self._processes[slot])

    def close(self) -> None:
        for process in self._processes.values():
            end_child(process)

    def log_file(self, slot: str = "0") -> Path:
        return self._directory / f"review.{slot}.log"

    def url(self, slot: str = "0") -> str:
        return f"http://127.0.0.1:{self._ports[slot]}"

    def client(self, name: str = "ada", slot: str = "0") -> httpx.Client:
        headers = {"Authorization": f"Bearer {token_of(name)}"}
        return httpx.Client(base_url=self.url(slot), headers=headers, timeout=20)

    def send_requests(self, requests: Iterable[ReviewRequest]) -> None:
        for request in requests:
            self._produce("review-requests", request.record["id"], encode(request))
        assert self._producer.flush(30) == 0

    def send(self, messages: Iterable[Outgoing]) -> None:
        """Write messages as a service made them."""
        for message in messages:
            self._producer.produce(message.topic, message.value, message.key)
        assert self._producer.flush(30) == 0

    def send_numbers(self, numbers: Iterable[int], **changes: Any) -> None:
        """Requests of these numbers, decided just now."""
        now = datetime.fromtimestamp(time.time(), UTC)
        self.send_requests(review_request(number, decided_at=now, **changes) for number in numbers)

    def send_responses(self, responses: Iterable[Any]) -> None:
        for response in responses:
            self._produce("review-responses", response.record_id, encode(response))
        assert self._producer.flush(30) == 0

    def fresh(self, count: int, **changes: Any) -> list[int]:
        """Send so many requests that nobody saw before; their numbers."""
        numbers = list(range(self._sent, self._sent + count))
        self._sent += count
        self.send_numbers(numbers, **changes)
        return numbers

    def close_everything(self) -> None:
        """Answer all that is open, through the topic."""
        with redis.Redis.from_url(self.settings.redis.url) as client:
            queue = RedisQueue(client, self.settings.prefix, timedelta(minutes=5))
            eventually(lambda: not self._answer_open(queue) and not queue.counts().open, what="an empty queue")

    def _answer_open(self, queue: RedisQueue) -> int:
        ids = [request_id for number in range(self.settings.partitions) for request_id in queue.ids(number)]
        entries = [entry for request_id in ids if (entry := queue.entry(request_id)) is not None]
        for reviewer in NAMES:
            self.send_responses(
                review_response(
                    0,
                    reviewer,
                    response_id=f"{reviewer} {entry.request_id}",
                    request_id=entry.request_id,
                    record_id=entry.record_id,
                )
                for entry in entries
            )
        return len(entries)

    def read(self, name: TopicName) -> list[Any]:
        """All committed messages of a topic, parsed; what was erased is passed over."""
        messages = read_all(self.settings.bootstrap_servers, self.settings.topics[name])
        return [decode(topic(name).contract, message.value()) for message in messages if message.value() is not None]

    def _produce(self, name: TopicName, record_id: str, value: bytes) -> None:
        self._producer.produce(self.settings.topics[name], value, record_id.encode())
        self._producer.poll(0)

    def _is_ready(self, slot: str) -> bool:
        assert self._processes[slot].poll() is None, self.log_file(slot).read_text()[-3000:]
        try:
            return httpx.get(f"{self.url(slot)}/readyz", timeout=2).is_success
        except httpx.HTTPError:
            return False


def take_all(api: httpx.Client, count: int, within_s: float = 20) -> list[dict[str, Any]]:
    """Lease exactly so many requests, waiting for them to come."""
    taken: list[dict[str, Any]] = []

    def enough() -> bool:
        taken.extend(api.post("/v1/next", json={"count": min(50, count - len(taken))}).json()["requests"])
        return len(taken) >= count

    eventually(enough, within_s=within_s, what=f"{count} requests to lease")
    return taken


def answer(request: dict[str, Any], action: str = "label", **more: Any) -> dict[str, Any]:
    """The body of an answer; a label is spam if nothing else is said."""
    body = {
        "response_id": f"{action} {request['request_id']}",
        "request_id": request["request_id"],
        "record_id": request["record_id"],
        "action": action,
    }
    return body | ({"label": "spam"} if action == "label" else {}) | more


def problem(response: httpx.Response, status: int, kind: str) -> str:
    """That the API refused, and how; what it said."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    told = response.json()
    assert (told["type"], told["status"]) == (f"urn:winnow:problem:{kind}", status)
    return str(told["detail"])
