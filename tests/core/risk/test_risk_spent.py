"""Wrong labels that nobody saw, as the margin reckons them from what audits found."""

import pytest
from tests.core.risk.opened_gate import decide, hold, next_version, opened

LEDGER = {"look": "ledger", "audit_rate": 0.16}
EXTRA = {"look": "extra", "audit_rate": 0.16}
UNSEEN = (1 - 0.16) / 0.16


def spent(story):
    return story.monitor.parts.scopes[0].ledger.spent


def held(story):
    return story.monitor.parts.releases.cohorts.spent(0)


def test_what_was_found_among_labels_held_narrows_the_gate():
    story = opened()
    scope = story.monitor.parts.scopes[0]
    version, (audit,) = decide(story, unseen=10, audits=1)
    assert scope.margin == 1.0
    story.close(audit, "wrong", policy_version=version, **LEDGER)
    next_version(story)
    assert scope.margin == pytest.approx(1.35 - UNSEEN / 5)


def released():
    """A story, and what the audits of labels released in it have in common."""
    story = opened()
    version, _ = decide(story, unseen=10)
    hold(story)
    return story, {"policy_version": version}


@pytest.mark.parametrize("look", [LEDGER, EXTRA])
def test_each_audit_that_is_wrong_stands_for_the_unseen_ones_of_its_rate(look):
    story, of = released()
    story.close("one", "wrong", **look, **of)
    story.close("other", "right", **look, **of)
    assert spent(story) == pytest.approx(UNSEEN)
    story.close("rare", "wrong", **{**look, **of, "audit_rate": 0.01})
    assert spent(story) == pytest.approx(UNSEEN + 99)


def test_reviews_are_no_sample_of_what_the_gate_lets_through():
    story, of = released()
    story.close("one", "wrong", look="review", propensity=1.0, **of)
    assert spent(story) == 0.0


@pytest.mark.parametrize("look", [LEDGER, EXTRA])
def test_a_repeated_answer_changes_nothing_and_a_revised_one_replaces(look):
    story, of = released()
    for _ in range(3):
        story.close("one", "wrong", **look, **of)
    assert spent(story) == pytest.approx(UNSEEN)
    story.close("one", "right", revision=2, **look, **of)
    assert spent(story) == pytest.approx(0.0)
    story.close("one", "wrong", revision=3, **look, **of)
    assert spent(story) == pytest.approx(UNSEEN)


@pytest.mark.parametrize("look", [LEDGER, EXTRA])
def test_a_reopened_audit_counts_by_its_newest_answer(look):
    story, of = released()
    story.close("one", "wrong", **look, **of)
    story.close("one", "reopened", revision=2, **look, **of)
    story.close("one#2", "wrong", revision=3, **look, **of)
    assert spent(story) == pytest.approx(UNSEEN)


def test_an_audit_of_the_ledger_that_nobody_answers_counts_as_wrong_and_an_extra_one_says_nothing():
    story, of = released()
    story.close("one", "expired", **LEDGER, **of)
    story.close("other", "expired", **EXTRA, **of)
    assert spent(story) == pytest.approx(UNSEEN)


def test_what_was_found_counts_at_once_and_for_the_ledger_from_the_release_of_its_labels_on():
    story = opened()
    version, (audit,) = decide(story, unseen=10, audits=1)
    story.close(audit, "wrong", policy_version=version, **LEDGER)
    assert spent(story) == 0.0
    assert held(story) == pytest.approx(UNSEEN)
    hold(story)
    assert held(story) == 0.0
    assert spent(story) == pytest.approx(UNSEEN)
    story.close("late", "wrong", policy_version=version, **EXTRA)
    assert spent(story) == pytest.approx(2 * UNSEEN)


def test_what_was_found_among_labels_taken_back_does_not_count():
    story = opened()
    version, audits = decide(story, unseen=10, audits=2)
    story.close(audits[0], "wrong", policy_version=version, **LEDGER)
    assert held(story) == pytest.approx(UNSEEN)
    story.command("alarm")
    assert held(story) == 0.0
    story.close(audits[1], "wrong", policy_version=version, **LEDGER)
    hold(story)
    assert spent(story) == 0.0
