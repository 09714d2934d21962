"""The monitor as a process on real brokers: killed, poisoned, and lied to by aborted transactions."""

import json
import signal
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient
from tests.monitor.digest_monitor import digest_handler
from tests.monitor.evidence_stream import LABELS, EvidenceWriter, World, closing
from tests.support.kafka_topics import read_all
from tests.support.waiting import eventually
from tests.support.worker_processes import Workers

from winnow.monitor.app import make_handler
from winnow.monitor.handler import EvidenceHandler
from winnow.monitor.published import CURRENT, TOPICS, Published
from winnow.monitor.state_entries import HEAD, Kept, head_entry, kept_state, slot_entries
from winnow.runtime.admin import create_topics
from winnow.runtime.follower import Follower
from winnow.runtime.messages import Incoming, Outgoing
from winnow.runtime.settings import Settings
from winnow_schemas.codec import decode, encode
from winnow_schemas.dead_letters import DeadLetter
from winnow_schemas.policies import Policy

WITHIN_S = 60
TASK = """
task: spam
labels: [ham, spam]
input: {text: true}
target: {error: 0.2}
risk: {hold_min: 5s, hold_max: 5s}
"""

Sequence = list[tuple[str, bytes | None, bytes | None]]
Make = Callable[[Settings, Published], EvidenceHandler]


def real_handler(settings: Settings, published: Published) -> EvidenceHandler:
    return make_handler(settings, published, most_ahead=20)


@pytest.fixture
def settings(make_settings, tmp_path: Path) -> Settings:
    task = tmp_path / "task.yaml"
    task.write_text(TASK)
    settings = make_settings(task_file=task, partitions=2, http={"port": 0})
    create_topics(settings)
    return settings


def changelog(settings: Settings) -> str:
    return f"{settings.prefix}.monitor-state-changelog"


def committed(settings: Settings, topic: str) -> list[Incoming]:
    with Follower(settings, [topic]) as follower:
        return follower.read_to_end(WITHIN_S)


def as_sequences(settings: Settings, messages: Iterable[Incoming | Outgoing]) -> dict[str, Sequence]:
    told: dict[str, Sequence] = {settings.topics[name]: [] for name in TOPICS}
    for each in messages:
        if each.topic in told:
            told[each.topic].append((each.topic, each.key, each.value))
    return told


def published_sequences(settings: Settings) -> dict[str, Sequence]:
    return as_sequences(settings, (each for name in TOPICS for each in committed(settings, settings.topics[name])))


def folded(settings: Settings, make: Make) -> tuple[dict[str, Sequence], Kept]:
    """What one uninterrupted fold of the committed evidence says, and the state it ends in."""
    fold = make(settings, Published(settings.task.task, settings.topics))
    said = [
        outgoing
        for message in committed(settings, settings.topics["evidence"])
        for outgoing in fold.handle(message, message.offset + 1)
    ]
    change = fold.change()
    table = {**dict(slot_entries(change.slots)), HEAD: head_entry("", change.offset, change.head)}
    return as_sequences(settings, said), kept_state(table)


def kept(settings: Settings) -> Kept:
    """The state that lies in the table's changelog."""
    table = {message.key(): message.value() for message in read_all(settings.bootstrap_servers, changelog(settings))}
    found = kept_state(table)
    assert found is not None
    return found._replace(evidence="")


def wait_until_seen(settings: Settings, offset: int) -> None:
    """Until the monitor keeps a state that has seen `offset`."""
    admin = AdminClient(settings.admin_config())
    eventually(lambda: has_changelog(admin, settings), within_s=WITHIN_S, what="a changelog")
    with Follower(settings, [changelog(settings)]) as follower:

        def has_seen() -> bool:
            heads = [message.value for message in follower.poll() if message.key == HEAD]
            return bool(heads) and json.loads(heads[-1])["offset"] >= offset

        eventually(has_seen, within_s=WITHIN_S, what=f"evidence {offset} in the kept state")


def has_changelog(admin: AdminClient, settings: Settings) -> bool:
    return changelog(settings) in admin.list_topics(timeout=10).topics


def lived_evidence(settings: Settings, seconds: int = 200) -> list[int]:
    """Evidence of a world that follows the policy of its own uninterrupted fold; 1 transaction in 5 is aborted."""
    fold = real_handler(settings, Published(settings.task.task, settings.topics))
    world, writer, policy, offsets = World(seed=7), EvidenceWriter(settings), None, []
    for first in range(0, seconds, 10):
        version, opened = (policy.version, policy.thresholds) if policy else (-1, {})
        values = [value for _ in range(10) for value in world.second(version, opened.__contains__)]
        if first % 50 == 0:
            writer.abort(encode(closing(n, closing="wrong")) for n in range(20))
        new = writer.commit(values)
        for offset, value in zip(new, values, strict=True):
            message = Incoming(settings.topics["evidence"], 0, offset, None, value, 0.0)
            for outgoing in fold.handle(message, 0):
                if outgoing.key == CURRENT:
                    policy = decode(Policy, outgoing.value)
        offsets += new
    assert policy is not None
    assert set(policy.thresholds) <= set(LABELS)
    return offsets


def digested_evidence(settings: Settings) -> list[int]:
    writer, last = EvidenceWriter(settings), []
    for first in range(0, 2000, 25):
        batch = [encode(closing(n)) for n in range(first, first + 25)]
        if first % 100 == 75:
            writer.abort(batch)
        else:
            last = writer.commit(batch)
    return last


@pytest.mark.kafka
@pytest.mark.parametrize(
    "story",
    [
        pytest.param(("tests.monitor.digest_monitor", digest_handler, digested_evidence, 4), id="digest"),
        pytest.param(("winnow.monitor", real_handler, lived_evidence, 2), id="risk"),
        pytest.param(("winnow.monitor", real_handler, lived_evidence, 10), id="long", marks=pytest.mark.faults),
    ],
)
def test_a_monitor_killed_again_and_again_says_what_an_uninterrupted_one_says(settings, tmp_path, story):
    module, make, evidence, kills = story
    last = evidence(settings)[-1]
    expected, state = folded(settings, make)
    policies, whole = settings.topics["policies"], len(expected[settings.topics["policies"]])

    with Workers(settings, tmp_path, module, []) as monitors, Follower(settings, [policies]) as follower:
        said = 0
        for share in (kill / (kills + 1) for kill in range(1, kills + 1)):
            monitors.start("0")
            while said < share * whole:
                said += len(eventually(follower.poll, within_s=WITHIN_S, what=f"more than {said} of {whole} policies"))
            monitors.kill("0")
        monitors.start("0")
        wait_until_seen(settings, last)
        monitors.signal("0", signal.SIGTERM)
        assert monitors.wait("0", within_s=10) == 0

    assert published_sequences(settings) == expected
    found = kept(settings)
    assert found.head == state.head
    assert found.slots == state.slots


@pytest.mark.kafka
def test_evidence_of_aborted_transactions_is_never_counted_and_poison_is_set_aside(settings, tmp_path):
    good = [encode(closing(n)) for n in range(40)]
    lies = [encode(closing(n, closing="wrong")) for n in range(100, 140)]
    poison = [b"{", None, b'{"kind":"counts"}']
    writer = EvidenceWriter(settings)
    writer.commit(good[:20])
    writer.abort(lies)
    writer.commit(poison)
    last = writer.commit(good[20:])[-1]
    writer.abort(lies)

    with Workers(settings, tmp_path, "winnow.monitor", []) as monitors:
        monitors.start("0")
        wait_until_seen(settings, last)
        monitors.signal("0", signal.SIGTERM)
        assert monitors.wait("0", within_s=10) == 0

    sums = kept(settings).head["flow"][0]
    assert (sums["closed"], sums["labelled_by_people"]) == (40, 40)
    assert kept(settings).head["risk"]["repeated"] == 0
    letters = committed(settings, settings.topics["dead-letters"])
    assert sorted(decode(DeadLetter, letter.value).original for letter in letters) == sorted(
        value or b"" for value in poison
    )


@pytest.mark.parametrize("cluster", ["kafka", "embedded"], indirect=True)
def test_a_monitor_that_finds_an_empty_changelog_folds_all_evidence_again_and_publishes_nothing_twice(
    settings, tmp_path
):
    last = EvidenceWriter(settings).commit(encode(closing(n)) for n in range(500))[-1]
    expected, state = folded(settings, digest_handler)

    with Workers(settings, tmp_path, "tests.monitor.digest_monitor", []) as monitors:
        monitors.start("0")
        wait_until_seen(settings, last)
        monitors.kill("0")
        admin = AdminClient(settings.admin_config())
        admin.delete_topics([changelog(settings)])[changelog(settings)].result(30)
        eventually(lambda: not has_changelog(admin, settings), within_s=WITHIN_S, what="the changelog being gone")
        monitors.start("0")
        wait_until_seen(settings, last)

    assert published_sequences(settings) == expected
    assert kept(settings).head == state.head


@pytest.mark.kafka
def test_evidence_that_gets_lost_inside_faust_is_read_again(settings, tmp_path):
    writer = EvidenceWriter(settings)
    writer.commit(encode(closing(n)) for n in range(500))

    with Workers(settings, tmp_path, "tests.monitor.losing_monitor", []) as monitors:
        monitors.start("0")
        eventually(
            lambda: len(committed(settings, settings.topics["policies"])) > 0, within_s=WITHIN_S, what="a policy"
        )
        last = writer.commit(encode(closing(n)) for n in range(500, 600))[-1]
        expected, state = folded(settings, digest_handler)
        wait_until_seen(settings, last)

    assert published_sequences(settings) == expected
    assert kept(settings).head == state.head
