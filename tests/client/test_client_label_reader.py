"""Reading labels from a broker: what waits is not lost by a restart, and every partition is somebody's."""

import pytest
from confluent_kafka import Producer
from tests.client.label_messages import certificate, label
from tests.support.kafka_topics import make_topic
from tests.support.waiting import eventually

from winnow.client import Given, LabelReader, Withdrawn
from winnow_schemas.codec import encode

pytestmark = pytest.mark.kafka


class Writer:
    """Writes labels and certificates as the services would."""

    def __init__(self, settings):
        self.settings = settings
        self.producer = Producer(settings.producer_config(None))
        make_topic(settings.bootstrap_servers, settings.topics["labels"], 2)
        make_topic(settings.bootstrap_servers, settings.topics["certificates"], config={"cleanup.policy": "compact"})

    def send(self, *messages):
        for message in messages:
            if isinstance(message, tuple):
                self.producer.produce(self.settings.topics["labels"], key=message[0], value=message[1])
            elif hasattr(message, "record_id"):
                key = message.record_id.encode()
                self.producer.produce(self.settings.topics["labels"], key=key, value=encode(message))
            else:
                self.producer.produce(self.settings.topics["certificates"], key=b"spam", value=encode(message))
        assert self.producer.flush(30) == 0


@pytest.fixture
def writer(make_settings):
    return Writer(make_settings())


def follow(reader, held, until):
    """Read until the consumer's own table is so."""

    def reached():
        for change in reader.read(0.2):
            match change:
                case Given(given):
                    held[given.record_id] = given.label
                case Withdrawn(record_id):
                    held.pop(record_id, None)
        return held == until

    eventually(reached, within_s=60, what=f"a table of {until} (it was {held})")


def test_labels_are_given_when_released_and_taken_back_when_recalled(writer):
    held = {}
    writer.send(certificate(1, released=3), label("early", policy=3), label("late", policy=5))
    writer.send(label("person", "human", policy=9, name="ham"))

    with LabelReader(writer.settings, group=f"{writer.settings.prefix}.archive") as reader:
        follow(reader, held, {"early": "spam", "person": "ham"})
        writer.send(certificate(2, released=5))
        follow(reader, held, {"early": "spam", "late": "spam", "person": "ham"})
        writer.send(certificate(3, released=6, withdrawn=[(3, 3)]), label("late", "recall", revision=2))
        follow(reader, held, {"person": "ham"})


def test_a_restarted_reader_begins_at_what_waited(writer):
    group, held = f"{writer.settings.prefix}.archive", {}
    writer.send(certificate(1, released=3), label("waits", policy=5, offset=1))
    writer.send(*(label(f"r{number}", "human", offset=number) for number in range(2, 30)))
    everything = {f"r{number}": "spam" for number in range(2, 30)}
    with LabelReader(writer.settings, group) as reader:
        follow(reader, held, everything)
        reader.commit()

    writer.send(certificate(2, released=5))
    with LabelReader(writer.settings, group) as reader:
        follow(reader, held, everything | {"waits": "spam"})
        reader.commit()

    writer.send(label("last", "human", offset=99))
    with LabelReader(writer.settings, group) as reader:
        again = {}
        follow(reader, again, {"last": "spam"})


def test_what_was_not_handed_out_is_not_committed(writer):
    group = f"{writer.settings.prefix}.archive"
    writer.send(*(label(f"r{number}", "human", offset=number) for number in range(40)))
    taken = set()
    with LabelReader(writer.settings, group) as reader:
        for change in reader:
            taken.add(change.label.record_id)
            reader.commit()
            if len(taken) == 15:
                break

    with LabelReader(writer.settings, group) as reader:
        rest = {}
        missing = {f"r{number}" for number in range(40)} - taken
        eventually(
            lambda: rest.update({c.label.record_id: c for c in reader.read(0.2)}) or rest.keys() >= missing,
            within_s=60,
        )


def test_messages_that_are_no_labels_are_passed_over(writer):
    held = {}
    writer.send((b"x", b"{"), (b"x", b"\xff"), label("x", "human"), (b"y", None), label("y", "human"))

    with LabelReader(writer.settings, group=f"{writer.settings.prefix}.archive") as reader:
        follow(reader, held, {"x": "spam", "y": "spam"})


def test_two_readers_of_a_group_share_the_partitions_and_miss_nothing(writer):
    group, both = f"{writer.settings.prefix}.archive", {}
    with LabelReader(writer.settings, group) as one, LabelReader(writer.settings, group) as other:
        writer.send(*(label(f"r{number}", "human", offset=number) for number in range(20)))

        def all_seen():
            for reader in (one, other):
                both.update({change.label.record_id: change for change in reader.read(0.2)})
            return len(both) == 20

        eventually(all_seen, within_s=90)
        writer.send(*(label(f"r{number}", "human", offset=number) for number in range(20, 40)))
        eventually(lambda: all_seen() or len(both) == 40, within_s=90)
