"""Kafka and Redis in containers, started by testcontainers, where a Docker daemon answers.

The images are those of `docker-compose.yml`. Ryuk stays off: it is one more image to have, and each
container here is stopped by the session that started it.
"""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import yaml
from tests.support.kafka_jars import BrokerUnavailable
from tests.support.waiting import eventually

from winnow.demo.free_port import free_ports

COMPOSE_FILE = Path(__file__).parents[2] / "docker-compose.yml"


def containers_only() -> bool:
    """Whether brokers and Redis must come from containers (`make test-docker`)."""
    return os.environ.get("WINNOW_TEST_CONTAINERS") == "1"


def image_of(service: str) -> str:
    """The image that the compose file names for a service."""
    return str(yaml.safe_load(COMPOSE_FILE.read_text())["services"][service]["image"])


def docker_answers() -> bool:
    """Whether a Docker daemon is there to be used."""
    try:
        return subprocess.run(["docker", "info"], capture_output=True, timeout=15, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


class Container:
    """One running container; `close` ends it."""

    def __init__(self, address: str, close: Callable[[], None], read_logs: Callable[[], str]) -> None:
        self.address = address
        self.close = close
        self.read_logs = read_logs


def start_kafka() -> Container:
    """A single broker; `address` is its bootstrap server.

    It listens on the same port inside and outside, because it reaches itself by its advertised
    address: a transaction's offsets are verified over that connection.
    """
    port = free_ports(1)[0]
    compose = yaml.safe_load(COMPOSE_FILE.read_text())["services"]["kafka"]
    environment = {name: str(value) for name, value in compose["environment"].items()} | {
        "KAFKA_LISTENERS": f"PLAINTEXT://:{port},CONTROLLER://:9093",
        "KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://127.0.0.1:{port}",
        "KAFKA_TRANSACTION_ABORT_TIMED_OUT_TRANSACTION_CLEANUP_INTERVAL_MS": "1000",
        "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
        "KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS": "4",
        "KAFKA_TRANSACTION_STATE_LOG_NUM_PARTITIONS": "4",
        "KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR": "1",
        "KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR": "1",
    }
    container = _start(image_of("kafka"), {port: port}, environment)
    eventually(lambda: "Kafka Server started" in container.read_logs(), within_s=90, what="Kafka's start")
    return Container(f"127.0.0.1:{port}", container.close, container.read_logs)


def start_redis() -> Container:
    """A Redis; `address` is its URL."""
    port = free_ports(1)[0]
    container = _start(image_of("redis"), {6379: port}, {})
    eventually(lambda: "Ready to accept connections" in container.read_logs(), within_s=60, what="Redis' start")
    return Container(f"redis://127.0.0.1:{port}/0", container.close, container.read_logs)


def _start(image: str, ports: dict[int, int], environment: dict[str, str]) -> Container:
    if not docker_answers():
        raise BrokerUnavailable("no Docker daemon answers")
    from docker.errors import DockerException
    from testcontainers.core.config import testcontainers_config
    from testcontainers.core.container import DockerContainer

    testcontainers_config.ryuk_disabled = True
    container = DockerContainer(image).with_envs(**environment)
    for inside, outside in ports.items():
        container = container.with_bind_ports(inside, outside)
    try:
        container.start()
    except DockerException as error:
        raise BrokerUnavailable(f"Docker has no {image}: {error}") from None

    def read_logs() -> str:
        out, err = container.get_logs()
        return (out + err).decode(errors="replace")

    return Container("", container.stop, read_logs)
