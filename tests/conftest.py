"""What all tests share: brokers, Redis, a prefix of one's own and settings that fit them."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest
import redis
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from tests.support.brokers import Brokers, Cluster, absent
from tests.support.containers import containers_only, start_redis
from tests.support.kafka_broker import KafkaBroker
from tests.support.kafka_jars import BrokerUnavailable
from tests.support.redis_server import RedisServer

if TYPE_CHECKING:
    from winnow.runtime.settings import Settings


_SLOW_IS_NO_FAULT = [HealthCheck.too_slow]
hypothesis_settings.register_profile("explore", deadline=None, suppress_health_check=_SLOW_IS_NO_FAULT)
hypothesis_settings.register_profile("repeat", deadline=None, derandomize=True, suppress_health_check=_SLOW_IS_NO_FAULT)
hypothesis_settings.load_profile("repeat" if os.environ.get("CI") else "explore")
"""New examples at each run of a person; in CI always the same, so that a change fails by its own fault only."""


class MakeSettings(Protocol):
    def __call__(self, **overrides: Any) -> "Settings": ...


@pytest.fixture(scope="session")
def brokers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Brokers]:
    started = Brokers(tmp_path_factory.mktemp("brokers"))
    yield started
    started.close()


@pytest.fixture(scope="session")
def kafka(brokers: Brokers) -> str:
    """Bootstrap servers of a real Kafka."""
    try:
        return brokers.real.bootstrap
    except BrokerUnavailable as reason:
        absent(reason)


@pytest.fixture
def kafka_broker(brokers: Brokers) -> Iterator[KafkaBroker]:
    """A real Kafka that may be killed and frozen; it runs again afterwards."""
    try:
        broker = brokers.maven
    except BrokerUnavailable as reason:
        absent(reason)
    yield broker
    if broker.is_running:
        broker.thaw()
    else:
        broker.start()


@pytest.fixture(scope="session")
def embedded(brokers: Brokers) -> str:
    """Bootstrap servers of the embedded broker."""
    return _embedded(brokers).bootstrap


@pytest.fixture
def cluster(request: pytest.FixtureRequest, brokers: Brokers) -> Cluster:
    """The best broker there is; `parametrize("cluster", ["kafka", "embedded"], indirect=True)` names one."""
    wanted = getattr(request, "param", None)
    if wanted == "embedded":
        return _embedded(brokers)
    must_be_real = wanted == "kafka" or request.node.get_closest_marker("kafka")
    try:
        return brokers.real
    except BrokerUnavailable as reason:
        if must_be_real:
            absent(reason)
    return _embedded(brokers)


@pytest.fixture
def prefix() -> str:
    """A prefix for topics and groups that no other test has."""
    return f"t{secrets.token_hex(4)}"


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis that tests may kill."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def some_redis(request: pytest.FixtureRequest) -> Iterator[str]:
    """The session's Redis: one of our own, or a container when only those are allowed."""
    if not containers_only():
        yield request.getfixturevalue("redis_server").url
        return
    try:
        container = start_redis()
    except BrokerUnavailable as reason:
        absent(reason)
    yield container.address
    container.close()


@pytest.fixture
def redis_url(some_redis: str) -> str:
    """A Redis with nothing in it."""
    with redis.Redis.from_url(some_redis) as client:
        client.flushall()
    return some_redis


@pytest.fixture
def make_settings(cluster: Cluster, prefix: str, tmp_path: Path) -> MakeSettings:
    """Settings for this test's broker and prefix; what is given goes before."""

    def make(**overrides: Any) -> "Settings":
        from winnow.runtime.settings import Settings

        fitting: dict[str, Any] = {
            "prefix": prefix,
            "kafka": cluster.kafka_settings,
            "broker": cluster.kind,
            "secrets": {"salt": "a salt for tests"},
        }
        return Settings(**{**fitting, **overrides})

    return make


def _embedded(brokers: Brokers) -> Cluster:
    try:
        return brokers.embedded
    except BrokerUnavailable as reason:
        pytest.skip(str(reason))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest first: at the end of a run in several processes none waits for another's last long test.

    Long forms of fault tests run when they are asked for.
    """
    if "faults" not in config.option.markexpr:
        for item in items:
            if item.get_closest_marker("faults"):
                item.add_marker(pytest.mark.skip(reason="takes minutes: make faults"))
    items.sort(key=lambda item: "system" not in item.path.parts)
