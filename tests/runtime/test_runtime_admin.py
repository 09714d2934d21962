"""Making and checking the topics of the catalogue, on whatever broker there is and on the embedded one."""

import time

import pytest
from confluent_kafka.admin import AdminClient, NewTopic
from tests.support.waiting import eventually

from winnow.demo.free_port import free_ports
from winnow.runtime.admin import check_topics, create_topics, require_topics, stream_id, wait_for_broker
from winnow.runtime.errors import UsageError
from winnow_schemas.topics import CATALOGUE

BOTH = pytest.mark.parametrize("cluster", ["kafka", "embedded"], indirect=True)
TASK = "task: spam\nlabels: [ham, spam]\ninput: {text: true}\n"


@pytest.fixture
def settings(make_settings, tmp_path):
    file = tmp_path / "task.yaml"
    file.write_text(TASK)
    return make_settings(task_file=file, partitions=3)


@pytest.fixture
def client(settings):
    return AdminClient(settings.admin_config())


def delete(client: AdminClient, name: str) -> None:
    client.delete_topics([name])[name].result()
    eventually(lambda: name not in client.list_topics(timeout=5).topics, what="the topic's end")


@BOTH
def test_what_is_created_passes_the_check_and_is_not_created_again(settings, client):
    wait_for_broker(settings, 10)
    assert len(check_topics(settings)) == len(CATALOGUE)

    assert len(create_topics(settings)) == len(CATALOGUE)

    assert check_topics(settings) == []
    assert create_topics(settings) == []
    shown = client.list_topics(timeout=5).topics
    assert len(shown[settings.topics["records"]].partitions) == 3
    assert len(shown[settings.topics["verdicts"]].partitions) == 1


@BOTH
def test_the_stream_id_stays_until_the_topic_is_made_anew(settings, client):
    create_topics(settings)
    first = stream_id(settings)
    assert len(bytes.fromhex(first)) == 4
    assert stream_id(settings) == first

    delete(client, settings.topics["records"])
    with pytest.raises(UsageError, match="winnow topics create"):
        stream_id(settings)
    assert create_topics(settings) == [settings.topics["records"]]

    assert stream_id(settings) != first


@BOTH
def test_each_difference_is_told_in_one_line_with_what_to_do(settings, client):
    create_topics(settings)
    for short, partitions, config in [
        ("records", 5, {"retention.ms": "1000"}),
        ("verdicts", 1, {"cleanup.policy": "delete"}),
        ("evidence", 2, {"retention.ms": "-1", "max.message.bytes": "1000"}),
    ]:
        name = settings.topics[short]
        delete(client, name)
        catalogued = next(topic for topic in CATALOGUE if topic.name == short).config(settings.task)
        client.create_topics([NewTopic(name, partitions, 1, config={**catalogued, **config})])[name].result()
        eventually(lambda name=name: name in client.list_topics(timeout=5).topics, what="the topic")
    delete(client, settings.topics["metrics"])

    problems = "\n".join(check_topics(settings))

    assert "records.v1: has 5 partitions, the settings say 3: set WINNOW_PARTITIONS=5" in problems
    assert "records.v1: retention.ms is 1000 and should be" in problems
    assert "verdicts.v1: cleanup.policy is delete and should be compact" in problems
    assert "evidence.v1: has 2 partitions and must have 1" in problems
    assert "evidence.v1: max.message.bytes is 1000" in problems
    assert "metrics.v1: is missing; `winnow topics create`" in problems
    assert len(problems.splitlines()) == 6


@BOTH
def test_a_service_does_not_start_on_topics_that_are_missing_or_unequal(settings, client):
    create_topics(settings)
    require_topics(settings, 5)
    delete(client, settings.topics["labels"])
    with pytest.raises(UsageError, match=r"labels\.v1: is missing; `winnow topics create`"):
        require_topics(settings, 5)
    unequal = settings.model_copy(update={"partitions": 4})
    with pytest.raises(UsageError, match=r"records\.v1: has 3 partitions, the settings say 4: set WINNOW_PARTITIONS=3"):
        require_topics(unequal, 5)


def test_a_broker_that_does_not_answer_is_told_in_one_line(make_settings):
    port = free_ports(1)[0]
    settings = make_settings(kafka={"bootstrap_servers": f"127.0.0.1:{port}", "log_level": "0"})
    began = time.monotonic()
    with pytest.raises(UsageError, match=f"no Kafka answers at 127.0.0.1:{port}") as caught:
        wait_for_broker(settings, 0.5)
    assert "\n" not in str(caught.value)
    assert time.monotonic() - began < 60


def test_a_setting_that_librdkafka_does_not_know_is_told(make_settings):
    settings = make_settings(kafka={"bootstrap_servers": "127.0.0.1:1", "lingering": "1"})
    with pytest.raises(UsageError, match="lingering"):
        wait_for_broker(settings, 0.1)
