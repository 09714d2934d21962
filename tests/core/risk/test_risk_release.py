from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.risk.opened_gate import chapter, decide, hold, ledger_figures, next_version, opened

KINDS = ["right", "wrong", "expired", "skipped", "unreadable"]


def test_labels_are_released_when_complete_old_enough_and_audited():
    story = opened()
    version, (first, second) = decide(story, unseen=100, audits=2)
    story.close(first, policy_version=version)
    hold(story)
    assert story.certificate.labels == 0
    assert not story.certificate.covers(version)
    story.close(second, policy_version=version)
    assert story.certificate.labels == 100
    assert story.certificate.covers(version)


def test_labels_that_are_audited_still_wait_for_their_hold():
    story = opened()
    version, (audit,) = decide(story, unseen=10, audits=1)
    story.close(audit, policy_version=version)
    assert story.certificate.labels == 0
    hold(story)
    assert story.certificate.labels == 10


def test_time_alone_never_completes_a_cohort():
    story = opened(partitions=2)
    version = story.version
    story.counts(partition=0, unseen=10)
    story.counts(partition=0, reviews=25)
    story.counts(partition=0)
    for _ in range(5):
        story.seconds += 3_600
        story.counts(partition=0)
    assert story.version > version
    assert story.certificate.labels == 0
    story.counts(partition=1)
    assert story.certificate.labels == 10


def test_a_partition_at_the_old_version_keeps_its_cohort_open():
    story = opened(partitions=2)
    version = story.version
    story.counts(partition=0, unseen=10)
    next_version_of_one = story.counts(partition=0, reviews=25)
    assert next_version_of_one
    story.counts(partition=0)
    story.counts(partition=1, version=version, unseen=7)
    hold_without_partition_1(story)
    assert story.certificate.labels == 0
    story.counts(partition=1)
    hold_without_partition_1(story)
    assert story.certificate.labels == 17


def hold_without_partition_1(story):
    story.seconds += story.monitor.parts.issuer.hold_s + 1
    story.counts(partition=0)


def test_earlier_audits_are_awaited_before_later_labels_are_released():
    story = opened()
    early, (late_answer,) = decide(story, unseen=10, audits=1)
    decide(story, unseen=20)
    hold(story)
    assert story.certificate.labels == 0
    story.close(late_answer, policy_version=early)
    assert story.certificate.labels == 30


def test_an_audit_never_answered_counts_as_found_and_once_more():
    for closing in ("expired", "skipped", "unreadable", "withdrawn"):
        story = opened()
        version, (audit,) = decide(story, unseen=50, audits=1)
        story.close(audit, closing, policy_version=version)
        hold(story)
        assert ledger_figures(story) == (50, 1, 1)


def test_a_repeated_closing_changes_nothing():
    story = opened()
    version, (audit,) = decide(story, unseen=50, audits=1)
    for _ in range(3):
        story.close(audit, "wrong", policy_version=version)
    hold(story)
    story.close(audit, "wrong", policy_version=version)
    assert ledger_figures(story) == (50, 1, 0)
    assert story.monitor.figures()["repeated"] == 3


def test_a_revision_before_release_replaces_the_answer():
    story = opened()
    version, (audit,) = decide(story, unseen=50, audits=1)
    story.close(audit, "wrong", policy_version=version)
    story.close(audit, "right", policy_version=version, revision=2)
    hold(story)
    assert ledger_figures(story) == (50, 0, 0)


def test_a_revision_after_release_raises_what_was_found_and_gives_nothing_back():
    story = opened()
    version, (one, other) = decide(story, unseen=50, audits=2)
    story.close(one, "right", policy_version=version)
    story.close(other, "wrong", policy_version=version)
    hold(story)
    story.close(one, "wrong", policy_version=version, revision=2)
    assert ledger_figures(story) == (50, 2, 0)
    for audit in (one, other):
        story.close(audit, "right", policy_version=version, revision=3)
    assert ledger_figures(story) == (50, 2, 0)
    story.close(one, "wrong", policy_version=version, revision=4)
    assert ledger_figures(story) == (50, 2, 0)


def test_an_audit_reopened_before_release_is_awaited_again():
    story = opened()
    version, (audit,) = decide(story, unseen=50, audits=1)
    story.close(audit, "wrong", policy_version=version)
    story.close(audit, "reopened", policy_version=version, revision=2)
    hold(story)
    assert ledger_figures(story) == (0, 0, 0)
    story.close(f"{audit}#2", "right", policy_version=version, revision=3)
    assert ledger_figures(story) == (50, 0, 0)


def test_an_audit_reopened_after_release_counts_as_wrong():
    story = opened()
    version, (audit,) = decide(story, unseen=50, audits=1)
    story.close(audit, "right", policy_version=version)
    hold(story)
    story.close(audit, "reopened", policy_version=version, revision=2)
    assert ledger_figures(story) == (50, 1, 0)
    story.close(f"{audit}#2", "wrong", policy_version=version, revision=3)
    assert ledger_figures(story) == (50, 1, 0)


def test_labels_that_come_after_their_release_are_taken_for_wrong():
    story = opened()
    version, _ = decide(story, unseen=50)
    hold(story)
    story.counts(version=version, unseen=5)
    assert story.alarms[-1].kind == "gap"
    assert story.monitor.parts.scopes[0].ledger.chapters[0].never == 5
    assert story.certificate.wrong_at_most >= 5


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(KINDS), min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_in_whatever_order_answers_come_the_ledger_is_the_same(closings, random):
    story = opened()
    cohorts = [decide(story, unseen=30, audits=1) for _ in closings]
    events = [
        (audit, closing, version)
        for (version, (audit,)), closing in zip(cohorts, closings, strict=True)
        for _ in range(random.choice([1, 1, 2]))
    ]
    random.shuffle(events)
    hold(story)
    for audit, closing, version in events:
        story.close(audit, closing, policy_version=version, look="ledger")
    found = sum(closing != "right" for closing in closings)
    if story.alarms:
        assert story.certificate.labels < 30 * len(closings)
    else:
        assert ledger_figures(story) == (30 * len(closings), found, found - closings.count("wrong"))


def test_after_each_release_the_promise_of_the_epoch_holds():
    story = opened(target=0.1)
    for number in range(60):
        version, audits = decide(story, unseen=20, audits=2)
        for audit in audits:
            story.close(audit, "wrong" if number % 6 == 0 else "right", policy_version=version)
        hold(story)
        current = chapter(story)
        if story.certificate.labels:
            released = current.released
            assert current.wrong_at_most <= 0.1 * released + current.allowance(3.0)


def test_the_ledger_refuses_what_would_break_the_promise_and_everything_held_is_recalled():
    story = opened()
    good, _ = decide(story, unseen=10)
    hold(story)
    bad, audits = decide(story, unseen=10, audits=12)
    later, _ = decide(story, unseen=10)
    for audit in audits:
        story.close(audit, "expired", policy_version=bad)
    hold(story)
    assert [alarm.kind for alarm in story.alarms] == ["ledger"]
    assert [story.certificate.covers(version) for version in (good, bad, later)] == [True, False, False]
    assert story.certificate.labels == 10
    assert story.certificate.epoch == story.policy.epoch == 2
    assert story.policy.state == "suspended"
    assert story.monitor.parts.scopes[0].ledger.chapters[0].found == 12


def test_many_versions_held_keep_the_head_small():
    story = opened()
    for _ in range(150):
        decide(story, unseen=3)
    hold(story)
    assert story.certificate.labels == 450
    version, (audit,) = decide(story, unseen=3, audits=1)
    for _ in range(150):
        decide(story, unseen=3)
    assert len(story.monitor.parts.releases.cohorts) <= 48
    story.close(audit, policy_version=version)
    hold(story)
    assert story.certificate.labels == 903


def test_versions_go_on_even_when_nothing_changes():
    story = opened()
    assert next_version(story) < next_version(story)
