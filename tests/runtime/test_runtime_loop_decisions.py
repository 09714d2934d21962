"""The loop's decisions: values and the time go in, decisions come out."""

import threading
from dataclasses import replace

import pytest
from confluent_kafka import KafkaError
from hypothesis import given
from hypothesis import strategies as st

from winnow.runtime.dead_letters import DeadLetterLimit, dead_letter
from winnow.runtime.error_kinds import ErrorKind, kind_of
from winnow.runtime.messages import Commit, Incoming, Partition
from winnow.runtime.policy import Backoff, LoopPolicy
from winnow.runtime.positions import Positions
from winnow.runtime.recovery import BatchRecovery, Remedy, TransactionRecovery
from winnow.runtime.stall import StallCheck
from winnow.runtime.steady_clock import steady_now
from winnow.runtime.watchdog import Idle, Watchdog
from winnow_schemas.codec import decode
from winnow_schemas.dead_letters import DeadLetter
from winnow_schemas.topics import Topics

POLICY = LoopPolicy()


def kafka_error(code, *, fatal=False, retriable=False, abortable=False):
    return KafkaError(code, "told", fatal=fatal, retriable=retriable, txn_requires_abort=abortable)


@pytest.mark.parametrize(
    "code",
    [
        KafkaError._FENCED,
        KafkaError.PRODUCER_FENCED,
        KafkaError.INVALID_PRODUCER_EPOCH,
        KafkaError.FENCED_INSTANCE_ID,
    ],
)
def test_a_fenced_producer_is_fenced_whatever_else_the_error_says(code):
    assert kind_of(kafka_error(code, retriable=True, abortable=True)) is ErrorKind.FENCED


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (kafka_error(KafkaError._TIMED_OUT, retriable=True), ErrorKind.TIMED_OUT),
        (kafka_error(KafkaError._TIMED_OUT, fatal=True), ErrorKind.FATAL),
        (kafka_error(KafkaError.COORDINATOR_LOAD_IN_PROGRESS, retriable=True, abortable=True), ErrorKind.RETRIABLE),
        (kafka_error(KafkaError.ILLEGAL_GENERATION, abortable=True), ErrorKind.ABORTABLE),
        (kafka_error(KafkaError._STATE), ErrorKind.UNKNOWN),
    ],
)
def test_errors_are_judged_in_order(error, kind):
    assert kind_of(error) is kind


@given(st.integers(1, 10_000))
def test_waits_grow_and_stay_below_the_longest(attempt):
    backoff = Backoff(0.1, 5.0)

    assert backoff.before(attempt) <= backoff.before(attempt + 1) <= 5.0


@given(st.lists(st.floats(0, 3), max_size=60), st.floats(0, 1e9))
def test_all_tries_of_a_transaction_end_before_its_deadline(durations, began):
    recovery, now = TransactionRecovery(POLICY), began
    recovery.began(began)
    for duration in durations:
        now += duration
        following = recovery.failed(ErrorKind.RETRIABLE, now)
        if following.remedy is Remedy.RESTART:
            return
        now += following.after_s
        assert now <= began + POLICY.transaction_s


@pytest.mark.parametrize("kind", [ErrorKind.FENCED, ErrorKind.FATAL, ErrorKind.TIMED_OUT, ErrorKind.UNKNOWN])
def test_a_producer_whose_state_is_unknown_is_never_used_again(kind):
    recovery = TransactionRecovery(POLICY)
    recovery.began(0.0)

    assert recovery.failed(kind, 0.0).remedy is Remedy.RESTART


def test_a_refused_message_aborts_and_a_fenced_producer_does_not_try():
    recovery = TransactionRecovery(POLICY)

    assert recovery.refused(ErrorKind.UNKNOWN).remedy is Remedy.ABORT
    assert recovery.refused(ErrorKind.FENCED).remedy is Remedy.RESTART


def test_too_many_aborts_in_a_row_end_in_a_restart_and_a_commit_forgives_them():
    recovery = BatchRecovery(replace(POLICY, aborts_in_a_row=2))
    remedies = [recovery.aborted().remedy, recovery.aborted().remedy]
    recovery.committed()
    remedies += [recovery.aborted().remedy, recovery.aborted().remedy, recovery.aborted().remedy]

    assert remedies == [Remedy.RETRY, Remedy.RETRY, Remedy.RETRY, Remedy.RETRY, Remedy.RESTART]


def test_waiting_for_something_outside_has_no_end():
    recovery = BatchRecovery(POLICY)

    assert {recovery.must_wait().remedy for _ in range(1000)} == {Remedy.RETRY}


def test_a_process_that_was_stopped_is_noticed_by_whoever_wakes_up_first():
    awake_first = {"the loop": False, "the beating thread": True}
    for who, beats in awake_first.items():
        stall = StallCheck(8.0, now=100.0)
        stall.looking(100.0)
        stall.beat(100.5)
        if beats:
            stall.beat(120.0)
        assert stall.stalled(120.1), who


def test_a_slow_handler_is_no_stall_and_a_new_look_at_the_broker_forgets_the_old_one():
    stall = StallCheck(8.0, now=0.0)
    stall.looking(0.0)
    for tenth in range(300):
        stall.beat(tenth / 10)
    assert not stall.stalled(30.0)
    assert stall.stalled(40.0)

    stall.looking(41.0)
    assert not stall.stalled(42.0)


def test_idle_time_counts_only_while_the_process_runs():
    idle = Idle(60.0, now=0.0)
    assert not idle.beat(1000.0), "it was stopped for 1,000 s"
    gave_up = [now for now in range(1001, 1100) if idle.beat(float(now))]
    assert gave_up[0] == 1060

    idle.progress()
    assert not idle.beat(1101.0)


def test_the_watchdog_ends_what_hangs_and_leaves_alone_what_is_done_in_time():
    given_up = threading.Event()
    with Watchdog(60.0, StallCheck(8.0, steady_now()), given_up.set) as watchdog:
        with watchdog.within(30.0):
            pass
        assert not given_up.is_set()
        with watchdog.within(0.1):
            assert given_up.wait(30.0)


def message(partition, offset, value=b"x"):
    return Incoming("records", partition, offset, None, value, 0.0)


def test_positions_pass_over_what_was_read_before_or_is_not_ours():
    positions = Positions()
    positions.assign({Partition("records", 0): Commit(5)})

    read = positions.read([message(0, 4), message(0, 5), message(1, 9), message(0, 5), message(0, 8)])

    assert [(m.partition, m.offset) for m in read] == [(0, 5), (0, 8)]
    assert positions.next_offsets == {Partition("records", 0): 9}


def test_only_what_differs_from_the_last_commit_is_committed():
    one, two, gone = (Partition("records", number) for number in range(3))
    positions = Positions()
    positions.assign({one: Commit(5, "note"), two: Commit(7)})

    wanted = {one: Commit(5, "note"), two: Commit(7, "new note"), gone: Commit(1)}
    assert positions.to_commit(wanted) == {two: Commit(7, "new note")}

    positions.commit({two: Commit(7, "new note")})
    assert positions.to_commit(wanted) == {}
    positions.revoke([one])
    assert positions.assignment.start == {two: Commit(7, "new note")}


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 30)), max_size=80))
def test_whatever_is_delivered_each_partition_is_read_upwards_and_once(delivered):
    positions = Positions()
    positions.assign({Partition("records", 0): Commit(0), Partition("records", 1): Commit(10)})

    read = positions.read([message(*where) for where in delivered])

    for partition, first in ((0, 0), (1, 10)):
        offsets = [m.offset for m in read if m.partition == partition]
        assert offsets == sorted(set(offsets))
        assert all(offset >= first for offset in offsets)
        assert positions.next_offsets[Partition("records", partition)] == (offsets[-1] + 1 if offsets else first)


@given(st.lists(st.tuples(st.integers(1, 50), st.integers(0, 50)), max_size=100), st.integers(1, 200))
def test_the_dead_letter_limit_looks_at_the_last_messages_only(batches, window):
    limit = DeadLetterLimit(0.1, window, at_least=10)
    counted: list[tuple[int, int]] = []
    for handled, dead_wanted in batches:
        dead = min(handled, dead_wanted)
        recent, seen = [], 0
        for batch in reversed(counted):
            if seen >= window:
                break
            recent.append(batch)
            seen += batch[0]
        all_handled, all_dead = (sum(column) for column in zip((handled, dead), *recent, strict=True))
        expected = dead > 0 and all_dead >= 10 and all_dead > 0.1 * all_handled
        assert limit.would_exceed(handled, dead) == expected
        limit.count(handled, dead)
        counted.append((handled, dead))


def test_a_dead_letter_holds_the_bytes_as_they_were_and_where_they_stood():
    broken = Incoming("w.records.v1", 3, 99, b"\xff key", b"\x00 not { json", 0.0, (("traceparent", b"00-1"),))

    letter = dead_letter(broken, "json_invalid", "m" * 9000, "scorer", Topics("w"), 1_700_000_000.0, attempts=2)

    content = decode(DeadLetter, letter.value)
    assert (letter.topic, letter.key) == ("w.dead-letters.v1", b"w.records.v1/3/99")
    assert letter.headers == broken.headers
    assert (content.original, content.key) == (broken.value, broken.key)
    assert content.source.model_dump() == {"topic": "w.records.v1", "partition": 3, "offset": 99}
    assert (content.error.code, len(content.error.message), content.attempts) == ("json_invalid", 500, 2)
