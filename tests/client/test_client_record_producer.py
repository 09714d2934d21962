"""Records are checked before they leave, and none is lost in silence."""

from datetime import UTC, datetime

import pytest
from tests.support.kafka_topics import make_topic, read_all

from winnow.client import InvalidMessage, NotDelivered, RecordProducer
from winnow.demo.free_port import free_ports
from winnow.runtime.settings import Settings
from winnow_schemas.codec import decode_record

NO_BROKER = {"message_timeout_ms": "300", "socket_connection_setup_timeout_ms": "1000", "log_level": "0"}


def unreachable() -> Settings:
    return Settings(kafka={"bootstrap_servers": f"127.0.0.1:{free_ports(1)[0]}", **NO_BROKER})


@pytest.mark.kafka
def test_records_arrive_as_they_were_sent_keyed_by_their_id(make_settings):
    settings = make_settings()
    make_topic(settings.bootstrap_servers, settings.topics["records"], 3)
    at = datetime(2026, 5, 1, 12, tzinfo=UTC)
    sent = [{"id": f"mail-{number}", "text": "Grüße", "at": at, "features": {"n": number}} for number in range(50)]

    with RecordProducer(settings) as records:
        for record in [*sent, {"embedding": [0.5, 1.0]}]:
            records.send(record)

    messages = read_all(settings.bootstrap_servers, settings.topics["records"])
    received = {message.key(): decode_record(message.value()) for message in messages}
    assert received == {record["id"].encode(): record for record in sent} | {None: {"embedding": [0.5, 1.0]}}
    assert len(messages) == 51


@pytest.mark.parametrize(
    "record",
    [{}, {"id": "x"}, {"id": "", "text": "a"}, {"features": {"x": float("nan")}}, {"text": 5}, {"text": "a" * 70_000}],
)
def test_a_record_that_breaks_the_contract_does_not_leave(record):
    with pytest.raises(InvalidMessage):
        RecordProducer(unreachable()).send(record)


def test_a_record_that_is_not_delivered_is_an_error_by_the_end_of_the_block():
    with pytest.raises(NotDelivered, match="mail-1"), RecordProducer(unreachable()) as records:
        records.send({"id": "mail-1", "text": "Hello"})


def test_a_record_that_is_too_large_for_the_broker_is_refused_by_name():
    huge = {"id": "huge", "text": "a", "show": {"picture": "x" * 17_000_000}}

    with pytest.raises(NotDelivered, match="huge"):
        RecordProducer(unreachable()).send(huge)
