"""Looks after the topics of a deployment: makes them, and compares a cluster with the catalogue."""

import hashlib
import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from confluent_kafka import KafkaError, KafkaException, TopicCollection
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic

from winnow.runtime.errors import TransientError, UsageError
from winnow.runtime.process import raise_if_stopped
from winnow.runtime.settings import Settings
from winnow_schemas.topics import CATALOGUE, Topic

if TYPE_CHECKING:
    from concurrent.futures import Future

T = TypeVar("T")

_TIMEOUT_S = 15.0
_CREATED_WITHIN_S = 30.0
_NO_TOPIC_ID = "AAAAAAAAAAAAAAAAAAAAAA"
_AT_MOST = frozenset({"segment.bytes", "segment.ms", "min.cleanable.dirty.ratio"})
_PAGE = "`winnow topics create` makes what is missing"


def wait_for_broker(settings: Settings, timeout_s: float) -> None:
    """Returns when the cluster answers.

    Raises `UsageError` when it has not in `timeout_s` seconds, `StoppedWaiting` when asked to end meanwhile.
    """
    client = _client(settings)
    deadline = time.monotonic() + timeout_s
    while True:
        raise_if_stopped()
        try:
            client.list_topics(timeout=min(1.0, max(0.1, deadline - time.monotonic())))
        except KafkaException as error:
            if time.monotonic() >= deadline:
                raise UsageError(
                    f"no Kafka answers at {settings.bootstrap_servers} ({error.args[0].str()}): "
                    "start it, or correct WINNOW_KAFKA__BOOTSTRAP_SERVERS"
                ) from None
        else:
            return


def require_topics(settings: Settings, timeout_s: float) -> None:
    """Returns when the cluster answers and has all topics with as many partitions as it should.

    Raises `UsageError`, a line for each topic that is missing or has another number of partitions.
    """
    wait_for_broker(settings, timeout_s)
    counts = _partition_counts(_client(settings))
    if problems := [problem for topic in CATALOGUE for problem in _missing_or_unequal(topic, counts, settings)]:
        raise UsageError("\n".join(problems))


def create_topics(settings: Settings) -> list[str]:
    """Makes the topics that are missing and returns their full names; those that are there stay as they are.

    Returns when the cluster shows all of them. Without `replication` in the settings there are as
    many replicas as brokers, at most 3.
    """
    client = _client(settings)
    replicas = settings.replication or min(3, len(_metadata(client).brokers))
    missing = [topic for topic in CATALOGUE if topic.full_name(settings.prefix) not in _partition_counts(client)]
    new = [
        NewTopic(
            topic.full_name(settings.prefix),
            num_partitions=topic.partitions(settings.partitions),
            replication_factor=replicas,
            config=topic.config(settings.task),
        )
        for topic in missing
    ]
    made = [name for name, future in (client.create_topics(new) if new else {}).items() if _was_made(name, future)]
    _wait_until_shown(client, [topic.full_name(settings.prefix) for topic in CATALOGUE])
    return made


def check_topics(settings: Settings) -> list[str]:
    """What differs from the catalogue: one line each, saying what to do. Empty: all is well."""
    client = _client(settings)
    counts = _partition_counts(client)
    there = [topic for topic in CATALOGUE if topic.full_name(settings.prefix) in counts]
    configs = _configs(client, [topic.full_name(settings.prefix) for topic in there])
    problems = []
    for topic in CATALOGUE:
        name = topic.full_name(settings.prefix)
        problems += _missing_or_unequal(topic, counts, settings)
        problems += _config_problems(name, topic.config(settings.task), configs.get(name, {}))
    return problems


def stream_id(settings: Settings) -> str:
    """Name of this incarnation of `records` (8 hex characters), made from Kafka's topic id.

    A topic that is deleted and made again gets another one, so that no decision id repeats.
    """
    name = settings.topics["records"]
    client = _client(settings)
    future = client.describe_topics(TopicCollection([name]), request_timeout=_TIMEOUT_S)[name]
    try:
        topic_id = str(future.result().topic_id)
    except KafkaException as error:
        if error.args[0].code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
            raise UsageError(f"{name}: is missing; {_PAGE}") from None
        raise TransientError(f"cannot describe {name}: {error.args[0].str()}") from None
    if topic_id.startswith(_NO_TOPIC_ID):
        raise UsageError(f"{name}: the cluster gives its topics no ids; Winnow needs Kafka 2.8 or newer")
    return hashlib.blake2b(topic_id.encode(), digest_size=4, person=b"winnow-stream").hexdigest()


def _client(settings: Settings) -> AdminClient:
    try:
        return AdminClient(settings.admin_config())
    except KafkaException as error:
        raise UsageError(f"the settings under kafka (WINNOW_KAFKA__...): {error.args[0].str()}") from None


def _metadata(client: AdminClient) -> Any:
    return _asked(lambda: client.list_topics(timeout=_TIMEOUT_S))


def _partition_counts(client: AdminClient) -> dict[str, int]:
    return {name: len(topic.partitions) for name, topic in _metadata(client).topics.items()}


def _led(client: AdminClient) -> set[str]:
    """Topics that can be written to: every partition has a leader."""
    topics = _metadata(client).topics.items()
    return {name for name, topic in topics if all(each.leader >= 0 for each in topic.partitions.values())}


def _configs(client: AdminClient, names: Iterable[str]) -> dict[str, dict[str, str]]:
    resources = [ConfigResource(ConfigResource.Type.TOPIC, name) for name in names]
    if not resources:
        return {}
    futures = client.describe_configs(resources, request_timeout=_TIMEOUT_S)
    return {
        resource.name: {key: entry.value for key, entry in _asked(future.result).items()}
        for resource, future in futures.items()
    }


def _was_made(name: str, future: "Future[None]") -> bool:
    try:
        future.result()
    except KafkaException as error:
        if error.args[0].code() == KafkaError.TOPIC_ALREADY_EXISTS:  # somebody else was faster
            return False
        raise UsageError(f"{name}: the cluster does not make this topic: {error.args[0].str()}") from None
    return True


def _wait_until_shown(client: AdminClient, names: list[str]) -> None:
    deadline = time.monotonic() + _CREATED_WITHIN_S
    while hidden := set(names) - _led(client):
        if time.monotonic() > deadline:
            raise TransientError(f"the cluster does not show the topics {', '.join(sorted(hidden))}")
        time.sleep(0.05)


def _missing_or_unequal(topic: Topic, counts: Mapping[str, int], settings: Settings) -> list[str]:
    name = topic.full_name(settings.prefix)
    found, wanted = counts.get(name), topic.partitions(settings.partitions)
    if found is None:
        return [f"{name}: is missing; {_PAGE}"]
    if found == wanted:
        return []
    if not topic.partitioned:
        return [f"{name}: has {found} partitions and must have 1: its order is a history; delete it and create it"]
    advice = f"set WINNOW_PARTITIONS={found} if all topics have as many, else delete this one and create it"
    return [f"{name}: has {found} partitions, the settings say {wanted}: {advice}"]


def _config_problems(name: str, wanted: dict[str, str], found: dict[str, str]) -> list[str]:
    return [
        f"{name}: {key} is {found[key]} and should be {value}: kafka-configs.sh --alter --topic {name} "
        f"--add-config {key}={value}"
        for key, value in wanted.items()
        if key in found and not _suffices(key, wanted=value, found=found[key])
    ]


def _suffices(key: str, *, wanted: str, found: str) -> bool:
    if key == "cleanup.policy":
        return set(found.split(",")) == set(wanted.split(","))
    if key in _AT_MOST:
        return float(found) <= float(wanted)
    keeps_for_ever = key == "retention.ms" and -1 in {int(found), int(wanted)}
    return int(found) == -1 if keeps_for_ever else int(found) >= int(wanted)


def _asked(question: Callable[[], T]) -> T:
    try:
        return question()
    except KafkaException as error:
        raise TransientError(f"the cluster does not answer: {error.args[0].str()}") from None
