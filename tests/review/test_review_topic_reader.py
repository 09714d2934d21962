"""Messages by their offsets, on a real broker: also where some are gone."""

import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient
from tests.conftest import MakeSettings
from tests.support.kafka_topics import fill, make_topic

from winnow.review.topic_reader import TopicReader


@pytest.mark.kafka
def test_offsets_that_retention_ate_or_that_never_were_are_told_from_those_that_stand(
    make_settings: MakeSettings,
) -> None:
    settings = make_settings()
    name = make_topic(settings.bootstrap_servers, settings.topics["records"])
    fill(settings.bootstrap_servers, name, (f"record {number}".encode() for number in range(5_000)))
    admin = AdminClient({"bootstrap.servers": settings.bootstrap_servers})
    admin.delete_records([TopicPartition(name, 0, 20)])[TopicPartition(name, 0)].result(30)
    reader = TopicReader(settings, "records", fetch_bytes=64 * 1024)
    try:
        found = reader.at(0, [4_999, 0, 19, 20, 21, 4_000, 5_000, 9_999], most_bytes=1_000_000)
        values = {offset: message.value if message else None for offset, message in found.items()}
        assert values == {
            **dict.fromkeys([0, 19, 5_000, 9_999]),
            **{offset: f"record {offset}".encode() for offset in (20, 21, 4_000, 4_999)},
        }
        few = reader.at(0, range(20, 5_000), most_bytes=1)
        assert 0 < len(few) < 4_980, "what is beyond the bytes is left for another time"
        assert all(message is not None for message in few.values())
        assert reader.at(0, [], most_bytes=1) == {}
        assert reader.first_at_or_after(0, 19) is None
        first = reader.first_at_or_after(0, 20)
        assert first is not None
        assert first.offset == 20
    finally:
        reader.close()
