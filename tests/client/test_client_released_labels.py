"""Only what is released counts, recalls are applied, and the order in which news arrives does not matter."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.client.label_messages import certificate, label

from winnow.client.released_labels import Given, ReleasedLabels, Withdrawn


def names(changes):
    return [change.label.label if isinstance(change, Given) else f"no {change.record_id}" for change in changes]


def test_a_label_of_the_machine_waits_for_its_release():
    labels = ReleasedLabels()

    assert labels.take(label(policy=5), 0) == []
    assert labels.certify(certificate(1, released=4)) == []
    assert names(labels.certify(certificate(2, released=5))) == ["spam"]
    assert labels.certify(certificate(3, released=6)) == []


def test_a_label_of_a_person_counts_at_once():
    assert names(ReleasedLabels().take(label(source="human"), 0)) == ["spam"]


def test_a_recall_takes_the_label_away_and_the_answer_brings_one_back():
    labels = ReleasedLabels(certificate(1, released=9))

    assert names(labels.take(label(), 0)) == ["spam"]
    assert names(labels.take(label(source="recall", revision=2), 1)) == ["no r"]
    assert names(labels.take(label(source="human", revision=3, name="ham"), 2)) == ["ham"]


def test_one_message_withdraws_a_whole_range_of_versions():
    labels = ReleasedLabels(certificate(1, released=9))
    for offset, policy in enumerate((3, 5, 7)):
        labels.take(label(f"r{policy}", offset=offset, policy=policy), offset)

    assert labels.certify(certificate(2, released=9, withdrawn=[(4, 6)])) == [Withdrawn("r5")]


def test_a_withdrawn_version_is_never_given_when_the_release_passes_over_it():
    labels = ReleasedLabels(certificate(1, released=2))
    labels.take(label(policy=5), 0)

    assert labels.certify(certificate(2, released=9, withdrawn=[(5, 5)])) == [Withdrawn("r")]
    assert labels.oldest_waiting is None


def test_the_highest_revision_of_a_decision_counts_whatever_comes_later():
    labels = ReleasedLabels(certificate(1, released=9))
    labels.take(label(source="human", revision=3, name="ham"), 0)

    assert labels.take(label(revision=1), 1) == []
    assert labels.take(label(source="human", revision=3, name="spam"), 2) == []


def test_the_older_label_stands_while_the_newer_one_waits():
    labels = ReleasedLabels(certificate(1, released=5))

    assert names(labels.take(label(offset=1, policy=5, name="old"), 0)) == ["old"]
    assert labels.take(label(offset=2, policy=8, name="new"), 1) == []
    assert names(labels.certify(certificate(2, released=8))) == ["new"]
    assert labels.take(label(source="human", offset=1, revision=2, name="late"), 2) == []


def test_decisions_on_a_topic_made_anew_are_newer_by_their_time():
    labels = ReleasedLabels()

    labels.take(label(source="human", offset=100, name="first", at=1), 0)

    assert names(labels.take(label(source="human", offset=3, name="second", stream="bbbbbbbb", at=2), 1)) == ["second"]


def test_an_older_certificate_changes_nothing():
    labels = ReleasedLabels(certificate(7, released=3))
    labels.take(label(policy=5), 0)

    assert labels.certify(certificate(6, released=9)) == []


def test_a_tombstone_erases_the_record():
    labels = ReleasedLabels(certificate(1, released=9))
    labels.take(label(), 0)

    assert labels.erase("r") == [Withdrawn("r")]
    assert labels.oldest_waiting is None


def test_a_recall_is_heard_by_a_reader_that_has_forgotten_the_label():
    assert ReleasedLabels().take(label(source="recall", revision=2), 7) == [Withdrawn("r")]


def test_memory_holds_what_waits_and_the_last_ones_of_the_rest():
    labels = ReleasedLabels(remembered=3)
    labels.take(label("waiting", policy=5), 0)
    for offset in range(1, 100):
        labels.take(label(f"r{offset}", "human", offset=offset), offset)

    assert len(labels._records) == 4
    assert names(labels.certify(certificate(1, released=5))) == ["spam"]
    assert len(labels._records) == 3
    assert labels._by_version.keys() <= {5}


@pytest.mark.parametrize("source", ["human", "recall"])
def test_what_waits_is_where_a_restart_begins(source):
    labels = ReleasedLabels()
    labels.take(label("a", offset=0), 10)
    labels.take(label("b", offset=1), 11)
    assert labels.oldest_waiting == 10

    labels.take(label("a", source, offset=0, revision=2), 12)

    assert labels.oldest_waiting == 11


RECORDS, VERSIONS = ["x", "y"], 8


@st.composite
def histories(draw):
    """What the scorer and review may write for two records, and certificates, in an order of their own."""
    sent = []
    for offset in range(draw(st.integers(1, 8))):
        record, policy = draw(st.sampled_from(RECORDS)), draw(st.integers(0, VERSIONS))
        first = draw(st.sampled_from(["auto", "human"]))
        sources = [first, *draw(st.lists(st.sampled_from(["recall", "human"]), max_size=2))]
        for revision, source in enumerate(sources, start=1):
            name = f"{offset}.{revision}"
            sent.append(label(record, source, offset=offset, revision=revision, policy=policy, name=name))
    order = draw(st.permutations(sent))
    certificates, withdrawn, released = [], [], -1
    for version in range(draw(st.integers(0, 5))):
        released = draw(st.integers(released, VERSIONS))
        first = draw(st.integers(0, VERSIONS))
        withdrawn = [*withdrawn, (first, first + draw(st.integers(0, 2)))] if draw(st.booleans()) else withdrawn
        certificates.append(certificate(version, released, withdrawn))
    places = sorted(draw(st.lists(st.integers(0, len(order)), min_size=len(certificates), max_size=len(certificates))))
    return order, list(zip(places, certificates, strict=True))


def expected(sent, newest):
    """By the definition: newest decision that does not wait, highest revision in it."""
    counts = {}
    for record in RECORDS:
        decisions = {}
        for each in (each for each in sent if each.record_id == record):
            known = decisions.get(each.decision_id)
            decisions[each.decision_id] = max(known or each, each, key=lambda it: it.revision)
        for each in sorted(decisions.values(), key=lambda it: it.decided_at, reverse=True):
            gone = newest is not None and any(a <= each.policy_version <= b for a, b in newest.withdrawn)
            covered = newest is not None and newest.covers(each.policy_version)
            if each.source == "auto" and not gone and not covered:
                continue
            if each.source == "human" or (each.source == "auto" and covered):
                counts[record] = each.label
            break
    return counts


def apply(held, changes):
    for change in changes:
        if isinstance(change, Given):
            held[change.label.record_id] = change.label.label
        else:
            held.pop(change.record_id, None)


@settings(max_examples=100)
@given(histories())
def test_what_counts_depends_on_the_messages_alone(history):
    order, certificates = history
    labels, held = ReleasedLabels(), {}
    for place in range(len(order) + 1):
        for _, issued in (pair for pair in certificates if pair[0] == place):
            apply(held, labels.certify(issued))
        newest = max((pair[1] for pair in certificates if pair[0] <= place), key=lambda it: it.version, default=None)
        assert held == expected(order[:place], newest)
        if place < len(order):
            apply(held, labels.take(order[place], place))


@given(histories(), st.integers(1, 2))
def test_with_little_memory_nothing_uncovered_is_given(history, remembered):
    order, certificates = history
    labels, newest = ReleasedLabels(remembered=remembered), None
    for place, each in enumerate(order):
        changes = labels.take(each, place)
        for _, issued in (pair for pair in certificates if pair[0] == place):
            newest = max(newest or issued, issued, key=lambda it: it.version)
            changes += labels.certify(issued)
        for change in changes:
            if isinstance(change, Given) and change.label.source == "auto":
                assert newest.covers(change.label.policy_version)


@settings(max_examples=100)
@given(histories(), st.integers(0, 30))
def test_who_begins_again_at_the_oldest_waiting_label_misses_nothing(history, stopped_at):
    sent, certificates = history
    order = sorted(sent, key=lambda it: (int(it.decision_id.rpartition("/")[2]), it.revision))
    stopped_at = min(stopped_at, len(order))
    released = [certificate(it.version, it.released) for _, it in certificates]
    before, after = released[: len(released) // 2], released
    first, held = ReleasedLabels(before[-1] if before else None), {}
    for place in range(stopped_at):
        apply(held, first.take(order[place], place))
    begin = stopped_at if first.oldest_waiting is None else first.oldest_waiting

    second = ReleasedLabels(after[-1] if after else None)
    for place in range(begin, len(order)):
        apply(held, second.take(order[place], place))

    assert held == expected(order, after[-1] if after else None)
