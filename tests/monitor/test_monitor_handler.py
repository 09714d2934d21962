import json
from datetime import timedelta

import pytest
from tests.monitor.digest_risk import WINDOW, DigestRisk
from tests.monitor.evidence_stream import LABELS, START, World, closing

from winnow.core.risk import RiskMonitor
from winnow.monitor.handler import EvidenceHandler
from winnow.monitor.published import CURRENT, Published
from winnow.monitor.state_entries import HEAD, MAX_ENTRY_BYTES, head_entry, kept_state, slot_entries
from winnow.runtime.errors import UsageError
from winnow.runtime.messages import Incoming
from winnow_schemas.certificates import Certificate
from winnow_schemas.codec import decode, encode
from winnow_schemas.dead_letters import DeadLetter
from winnow_schemas.drift_alarms import DriftAlarm
from winnow_schemas.evidence import Command
from winnow_schemas.metrics import Metric
from winnow_schemas.policies import Policy
from winnow_schemas.task import InputSpec, Task
from winnow_schemas.topics import Topics

TOPICS = Topics("t")
TASK = Task(task="spam", labels=LABELS, input=InputSpec(text=True), target={"error": 0.2})


def message(offset, value):
    return Incoming(TOPICS["evidence"], 0, offset, None, value, 5.0)


def handler(risk=None, published=None):
    return EvidenceHandler(risk or DigestRisk(), published or Published("t", TOPICS), TOPICS, most_ahead=WINDOW // 2)


def real(published=None):
    return handler(RiskMonitor(TASK, "00000000", 2), published)


def on(outgoing, name):
    return [each for each in outgoing if each.topic == TOPICS[name]]


def told(fold, seconds, first=0, world=None):
    """Let a world and the monitor answer each other; what the monitor said."""
    world, policy, said = world or World(seed=1), None, []
    offset = first
    for _ in range(seconds):
        is_open = lambda label, p=policy: p is not None and label in p.thresholds  # noqa: E731
        for value in world.second(policy.version if policy else -1, is_open):
            outgoing = fold.handle(message(offset, value), offset + 1)
            said.append((message(offset, value), outgoing))
            current = [each for each in on(outgoing, "policies") if each.key == CURRENT]
            policy = decode(Policy, current[-1].value) if current else policy
            offset += 1
    return said


@pytest.mark.parametrize("value", [b"{", b"", None, b'{"kind":"counts"}', b"[" * 50_000, b"\xff"])
def test_poison_becomes_a_dead_letter_and_the_fold_goes_on(value):
    fold = handler()

    (letter,) = fold.handle(message(0, value), 1)
    after = fold.handle(message(1, encode(closing(1))), 2)

    found = decode(DeadLetter, letter.value)
    assert (found.source.offset, found.service, found.original) == (0, "monitor", value or b"")
    assert on(after, "metrics")


def test_evidence_that_mostly_breaks_its_contract_stops_the_monitor():
    fold = handler()

    with pytest.raises(UsageError, match="same version"):
        [fold.handle(message(offset, b"{"), 0) for offset in range(200)]

    assert fold.next_offset == 100


def test_evidence_that_was_seen_is_passed_over():
    fold = handler()
    fold.handle(message(5, encode(closing(5))), 6)

    assert fold.handle(message(5, encode(closing(5))), 6) == ()
    assert fold.next_offset == 6


def test_metrics_say_how_far_behind_the_fold_is():
    outgoing = handler().handle(message(10, encode(closing(1))), 31)

    gate = [decode(Metric, each.value) for each in on(outgoing, "metrics") if each.key == b"gate/monitor"]
    assert {metric.values["lag"] for metric in gate} == {20}
    assert {metric.sequence for metric in gate} == {10}


def test_the_last_values_of_a_window_do_not_count_evidence_of_the_next():
    fold = handler()
    fold.handle(message(0, encode(closing(0, at=START))), 1)
    fold.handle(message(1, encode(closing(1, at=START + timedelta(seconds=0.5)))), 2)

    outgoing = fold.handle(message(2, encode(closing(2, at=START + timedelta(seconds=12)))), 3)

    flows = [decode(Metric, each.value) for each in on(outgoing, "metrics") if each.key == b"flow/monitor"]
    ended = [metric for metric in flows if metric.window.start == START and metric.window.seconds == 10]
    assert [(metric.sequence, metric.values["closed"]) for metric in ended] == [(1, 2)]


def test_an_operator_halts_the_machine_whatever_the_operators_clock_says():
    fold, world = real(), World(seed=1)
    offset = told(fold, 5, world=world)[-1][0].offset + 1
    command = Command(command_id="c", action="halt", operator="duty-desk", at=START + timedelta(days=300))

    outgoing = fold.handle(message(offset, encode(command)), offset + 1)

    assert [decode(DriftAlarm, each.value).kind for each in on(outgoing, "drift-alarms")] == ["operator"]
    assert decode(Policy, on(outgoing, "policies")[-1].value).state == "halted"
    later = fold.handle(message(offset + 1, world.second(offset, bool)[0]), 0)
    starts = [decode(Metric, each.value).window.start for each in on(later, "metrics")]
    assert starts
    assert max(starts) < START + timedelta(days=1)


@pytest.mark.parametrize("seconds", [0, 5])
def test_evidence_that_is_gone_raises_an_alarm_and_labels_from_before_are_released_no_more(seconds):
    fold, world = real(), World(seed=1)
    told(fold, seconds, world=world)
    fold.skip_to(100)

    outgoing = [
        each for n, value in enumerate(world.second(-1, bool)) for each in fold.handle(message(100 + n, value), 0)
    ]

    alarms = [decode(DriftAlarm, each.value) for each in on(outgoing, "drift-alarms")]
    certificates = [decode(Certificate, each.value) for each in on(outgoing, "certificates")]
    assert ("gap", 99) in [(alarm.kind, alarm.version) for alarm in alarms]
    assert not any(certificates[-1].covers(version) for version in range(100))


def test_the_state_must_be_kept_before_slots_overwrite_what_it_needs():
    fold = handler()
    for offset in range(WINDOW // 2):
        assert not fold.must_keep
        fold.handle(message(offset, encode(closing(offset))), offset + 1)

    assert fold.must_keep
    fold.change()
    assert not fold.must_keep


@pytest.mark.parametrize("make", [handler, real])
def test_folding_on_from_any_kept_state_says_the_same(make):
    """Also when the table was torn: slots of the next writing are there, its head is not."""
    whole = make()
    table, tables = {}, []
    said = told(whole_with_tables(whole, table, tables, every=25), 60)

    for torn, (offset, then) in enumerate(tables[:-1]):
        ahead = {key: value for key, value in tables[torn + 1][1].items() if key != HEAD}
        again = make()
        again.restore(kept_state({**then, **ahead}))
        assert again.next_offset == offset + 1
        for incoming, outgoing in said[offset + 1 :: 1]:
            issued = again.handle(incoming, incoming.offset + 1)
            for name in ("certificates", "drift-alarms"):
                assert on(issued, name) == on(outgoing, name)
            currents = [each for each in on(issued, "policies") if each.key == CURRENT]
            assert currents == [each for each in on(outgoing, "policies") if each.key == CURRENT]
        assert again.change().head == whole.change().head


def whole_with_tables(fold, table, tables, every):
    """`fold`, keeping its state after every so many pieces of evidence."""

    class Keeping:
        def handle(self, incoming, end):
            outgoing = fold.handle(incoming, end)
            if incoming.offset % every == 0:
                change = fold.change()
                table.update(slot_entries(change.slots))
                table[HEAD] = head_entry("id", change.offset, change.head)
                tables.append((change.offset, dict(table)))
            return outgoing

    return Keeping()


def test_entries_of_the_table_stay_small_over_a_long_life():
    fold, table = real(), {}
    for _ in range(6):
        told(fold, 100, first=fold.next_offset, world=World(seed=fold.next_offset))
        change = fold.change()
        table.update(slot_entries(change.slots))
        table[HEAD] = head_entry("id", change.offset, change.head)

    assert max(map(len, table.values())) < MAX_ENTRY_BYTES
    assert json.loads(table[HEAD])["offset"] == fold.next_offset - 1
