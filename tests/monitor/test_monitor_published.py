from datetime import timedelta

from tests.monitor.digest_risk import DigestRisk
from tests.monitor.evidence_stream import START, closing

from winnow.monitor.published import CURRENT, Published
from winnow.runtime.messages import Incoming
from winnow_schemas.drift_alarms import DriftAlarm
from winnow_schemas.policies import Policy
from winnow_schemas.topics import Topics

TOPICS = Topics("t")


def policy(version, at=START):
    return Policy(
        version=version,
        epoch=1,
        state="cold",
        audit_rate=0.1,
        ledger_rate=0.1,
        target=0.05,
        confidence=0.95,
        salt_id="00000000",
        at=at,
        valid_until=at + timedelta(seconds=60),
    )


def as_read(outgoing):
    return [
        Incoming(each.topic, 0, offset, each.key, each.value, 0.0, each.headers) for offset, each in enumerate(outgoing)
    ]


def story(published, first, last):
    risk = DigestRisk()
    for offset in range(last):
        issued = risk.on_evidence(offset, closing(offset, at=START + timedelta(seconds=offset)))
        if offset >= first:
            yield from published.news(offset, issued)


def test_a_new_policy_stands_under_its_version_before_it_is_the_current_one():
    keys = [each.key for each in Published("t", TOPICS).news(7, [policy(7)])]

    assert keys == [b"version/7", CURRENT]


def test_a_renewed_policy_becomes_current_again_and_no_new_version():
    published = Published("t", TOPICS)
    list(published.news(7, [policy(7)]))

    assert [each.key for each in published.news(9, [policy(7, START + timedelta(seconds=5))])] == [CURRENT]


def test_after_a_wipe_of_the_topic_the_next_renewal_brings_the_policy_in_force_back():
    running, restarted = Published("t", TOPICS), Published("t", TOPICS)
    list(running.news(7, [policy(7)]))
    renewed = policy(7, START + timedelta(seconds=5))

    assert CURRENT in [each.key for each in running.news(9, [renewed])]
    assert [each.key for each in restarted.news(9, [renewed])] == [b"version/7", CURRENT]


def test_whatever_part_was_out_a_restart_publishes_exactly_the_rest():
    whole = list(story(Published("t", TOPICS), 0, 400))

    for cut in range(0, len(whole), 37):
        restarted = Published("t", TOPICS)
        restarted.read(as_read(whole[:cut]))
        rest = list(story(restarted, 0, 400))
        for topic in {each.topic for each in whole}:
            assert [each for each in whole[:cut] + rest if each.topic == topic] == [
                each for each in whole if each.topic == topic
            ]


def test_two_alarms_of_one_cause_are_two():
    alarms = [DriftAlarm(kind=kind, version=3, epoch=1, message="", at=START) for kind in ("errors", "ledger")]
    published = Published("t", TOPICS)
    first = list(published.news(3, alarms[:1]))
    restarted = Published("t", TOPICS)
    restarted.read(as_read(first))

    assert len(list(restarted.news(3, alarms))) == 1


def test_versions_of_policies_are_kept_for_90_days():
    published = Published("t", TOPICS)
    list(published.news(1, [policy(1)]))
    list(published.news(2, [policy(2, START + timedelta(days=89))]))

    late = list(published.news(3, [policy(3, START + timedelta(days=91))]))

    assert [(each.key, each.value is None) for each in late] == [
        (b"version/3", False),
        (b"version/1", True),
        (CURRENT, False),
    ]
