"""The follower reads whole compacted topics to their ends, and then what comes."""

import pytest
from confluent_kafka import Producer
from tests.support.brokers import Cluster
from tests.support.kafka_topics import fill, make_topic
from tests.support.waiting import eventually

from winnow.demo.free_port import free_ports
from winnow.runtime.errors import TransientError, UsageError
from winnow.runtime.follower import Follower

both = pytest.mark.parametrize("cluster", ["kafka", "embedded"], indirect=True)


@pytest.fixture
def topic(cluster: Cluster, prefix: str) -> str:
    return make_topic(cluster.bootstrap, f"{prefix}.followed", 1, {"cleanup.policy": "compact"})


def numbers(messages):
    return [int(message.value) for message in messages]


@both
def test_an_empty_topic_is_read_to_its_end_at_once(topic, make_settings):
    with Follower(make_settings(), [topic]) as follower:
        assert follower.read_to_end(30) == []
        assert follower.poll() == []


@both
def test_everything_is_read_to_the_end_once_and_then_what_comes(cluster, topic, make_settings):
    fill(cluster.bootstrap, topic, (b"%d" % n for n in range(5000)))
    with Follower(make_settings(), [topic]) as follower:
        assert numbers(follower.read_to_end(30)) == list(range(5000))
        fill(cluster.bootstrap, topic, [b"5000"])
        assert numbers(eventually(follower.poll)) == [5000]
        fill(cluster.bootstrap, topic, [b"5001", b"5002"])
        assert numbers(follower.read_to_end(30)) == [5001, 5002]


@both
def test_several_topics_with_several_partitions_are_read_together(cluster, topic, prefix, make_settings):
    other = make_topic(cluster.bootstrap, f"{prefix}.other", 3)
    fill(cluster.bootstrap, topic, [b"1", b"2"])
    fill(cluster.bootstrap, other, [b"3", b"4", b"5"])
    with Follower(make_settings(), [topic, other]) as follower:
        assert sorted(numbers(follower.read_to_end(30))) == [1, 2, 3, 4, 5]


@pytest.mark.kafka
def test_what_a_transaction_aborts_or_has_not_committed_is_not_seen(cluster, topic, make_settings):
    producer = Producer({"bootstrap.servers": cluster.bootstrap, "transactional.id": topic})
    producer.init_transactions(30)
    for values, finish in (("1", producer.commit_transaction), ("23", producer.abort_transaction), ("4", None)):
        producer.begin_transaction()
        for value in values:
            producer.produce(topic, value, value)
        producer.flush(30)
        if finish:
            finish(30)
    with Follower(make_settings(), [topic]) as follower:
        assert numbers(follower.read_to_end(30)) == [1]
        producer.commit_transaction(30)
        assert numbers(follower.read_to_end(30)) == [4]


@both
def test_a_missing_topic_is_a_usage_error_and_a_later_read_finds_it(cluster, prefix, make_settings):
    with Follower(make_settings(), [f"{prefix}.late"]) as follower:
        with pytest.raises(UsageError, match="winnow topics create"):
            follower.read_to_end(5)
        make_topic(cluster.bootstrap, f"{prefix}.late")
        fill(cluster.bootstrap, f"{prefix}.late", [b"7"])
        assert numbers(follower.read_to_end(30)) == [7]


def test_a_broker_that_does_not_answer_is_a_transient_error(make_settings):
    nobody = {"bootstrap_servers": f"127.0.0.1:{free_ports(1)[0]}"}
    with Follower(make_settings(kafka=nobody), ["any"]) as follower, pytest.raises(TransientError, match="answer"):
        follower.poll()
