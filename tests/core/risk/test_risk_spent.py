"""Wrong labels that nobody saw, as the margin reckons them from what audits found."""

import pytest
from tests.core.risk.opened_gate import decide, hold, opened

LEDGER = {"look": "ledger", "audit_rate": 0.16}
EXTRA = {"look": "extra", "audit_rate": 0.16}
UNSEEN = (1 - 0.16) / 0.16


def spent(story):
    return story.monitor.parts.scopes[0].spent


@pytest.mark.parametrize("look", [LEDGER, EXTRA])
def test_each_audit_that_is_wrong_stands_for_the_unseen_ones_of_its_rate(look):
    story = opened()
    story.close("one", "wrong", **look)
    story.close("other", "right", **look)
    assert spent(story) == pytest.approx(UNSEEN)
    story.close("rare", "wrong", **{**look, "audit_rate": 0.01})
    assert spent(story) == pytest.approx(UNSEEN + 99)


def test_reviews_are_no_sample_of_what_the_gate_lets_through():
    story = opened()
    story.close("one", "wrong", look="review", propensity=1.0)
    assert spent(story) == 0.0


@pytest.mark.parametrize("look", [LEDGER, EXTRA])
def test_a_repeated_answer_changes_nothing_and_a_revised_one_replaces(look):
    story = opened()
    for _ in range(3):
        story.close("one", "wrong", **look)
    assert spent(story) == pytest.approx(UNSEEN)
    story.close("one", "right", revision=2, **look)
    assert spent(story) == pytest.approx(0.0)
    story.close("one", "wrong", revision=3, **look)
    assert spent(story) == pytest.approx(UNSEEN)


@pytest.mark.parametrize("look", [LEDGER, EXTRA])
def test_a_reopened_audit_counts_by_its_newest_answer(look):
    story = opened()
    story.close("one", "wrong", **look)
    story.close("one", "reopened", revision=2, **look)
    story.close("one#2", "wrong", revision=3, **look)
    assert spent(story) == pytest.approx(UNSEEN)


def test_an_audit_of_the_ledger_that_nobody_answers_counts_as_wrong_and_an_extra_one_says_nothing():
    story = opened()
    story.close("one", "expired", **LEDGER)
    story.close("other", "expired", **EXTRA)
    assert spent(story) == pytest.approx(UNSEEN)


def test_what_was_found_among_labels_taken_back_counts_too():
    story = opened()
    version, audits = decide(story, unseen=10, audits=2)
    story.close(audits[0], "wrong", policy_version=version, **LEDGER)
    story.command("alarm")
    story.close(audits[1], "wrong", policy_version=version, **LEDGER)
    hold(story)
    assert story.certificate.labels == 0
    assert spent(story) == pytest.approx(2 * UNSEEN)
