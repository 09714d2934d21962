"""Which broker a test runs on.

In this order, each passed over with its reason when absent: a cluster you have
(WINNOW_TEST_KAFKA=host:port), Apache Kafka from Maven (when java and mvn are there), a container
(when a Docker daemon answers), the embedded broker. WINNOW_TEST_CONTAINERS=1 allows containers only.
What needs a real Kafka is skipped where there is none, except under CI=true: there it fails.
"""

import os
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, NoReturn

import pytest
from tests.support.containers import containers_only, start_kafka
from tests.support.kafka_broker import KafkaBroker
from tests.support.kafka_jars import BrokerUnavailable
from tests.support.warm_up import warm_up

Kind = Literal["kafka", "tansu"]


@dataclass(frozen=True)
class Cluster:
    """Where a broker listens, and which kind it is (as `Settings.broker` names it)."""

    bootstrap: str
    kind: Kind
    quick: Mapping[str, str] = field(default_factory=dict)

    @property
    def kafka_settings(self) -> dict[str, str]:
        """`Settings.kafka` for it; where the broker allows it, with sessions that time out soon."""
        return {"bootstrap_servers": self.bootstrap, **self.quick}


QUICK_SESSIONS = {"session_timeout_ms": "3000", "heartbeat_interval_ms": "750"}


@dataclass
class Brokers:
    """The session's brokers, each started when it is first asked for."""

    directory: Path
    _running: ExitStack = field(default_factory=ExitStack)

    @cached_property
    def real(self) -> Cluster:
        """A real Kafka, or `BrokerUnavailable` with everything that is missing."""
        reasons = []
        for source in (self._in_a_container,) if containers_only() else (_given, self._of_maven, self._in_a_container):
            try:
                cluster = source()
            except BrokerUnavailable as reason:
                reasons.append(str(reason))
            else:
                warm_up(cluster.bootstrap)
                return cluster
        raise BrokerUnavailable("; ".join(reasons))

    @cached_property
    def maven(self) -> KafkaBroker:
        """A real Kafka of our own, which may be killed and frozen."""
        directory = self.directory / "kafka"
        directory.mkdir()
        broker = KafkaBroker(directory)
        self._running.callback(broker.stop)
        broker.start()
        return broker

    @cached_property
    def embedded(self) -> Cluster:
        """The broker that `winnow demo` embeds."""
        if find_spec("winnow.demo") is None or find_spec("winnow.demo.embedded_broker") is None:
            raise BrokerUnavailable("winnow.demo.embedded_broker is not there")
        from winnow.demo.embedded_broker import EmbeddedBroker

        broker = self._running.enter_context(EmbeddedBroker())
        return Cluster(broker.bootstrap_servers, "tansu", QUICK_SESSIONS)

    def _of_maven(self) -> Cluster:
        return Cluster(self.maven.bootstrap, "kafka", QUICK_SESSIONS)

    def _in_a_container(self) -> Cluster:
        container = start_kafka()
        self._running.callback(container.close)
        return Cluster(container.address, "kafka")

    def close(self) -> None:
        """Stop all of them."""
        self._running.close()


def absent(reason: BrokerUnavailable) -> NoReturn:
    """Skip a test that needs a real Kafka where there is none; fail it in CI."""
    if os.environ.get("CI") == "true" and not containers_only():
        pytest.fail(f"CI must have a real Kafka: {reason}")
    pytest.skip(f"needs a real Kafka: {reason}")


def _given() -> Cluster:
    if bootstrap := os.environ.get("WINNOW_TEST_KAFKA"):
        return Cluster(bootstrap, "kafka")
    raise BrokerUnavailable("WINNOW_TEST_KAFKA is not set")
