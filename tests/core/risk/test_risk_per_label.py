import pytest
from tests.core.risk.opened_gate import chapter, decide, hold, ledger_figures, opened
from tests.core.risk.risk_story import Case, Story

RIGHT_A, RIGHT_B = Case("a", 0.95, wrong=False), Case("b", 0.95, wrong=False)
WRONG_A = Case("a", 0.95, wrong=True)


def test_each_label_has_its_share_of_the_risk():
    story = opened(per_label=True)
    whole = opened()
    assert chapter(story).risk == chapter(story, 1).risk == pytest.approx(chapter(whole).risk / 2)


def test_the_policy_says_rates_and_state_of_each_label():
    story = Story(per_label=True).run([RIGHT_A, RIGHT_B, RIGHT_A] * 60)
    assert story.policy.state == "probation"
    assert {label: rule.state for label, rule in story.policy.per_label.items()} == {"a": "probation", "b": "cold"}
    assert set(story.policy.thresholds) == {"a"}


def test_one_policy_for_all_labels_needs_no_rules_per_label():
    assert opened().policy.per_label is None


def test_a_label_that_errs_is_suspended_alone():
    story = Story(per_label=True).run([RIGHT_A, RIGHT_B] * 400).run([WRONG_A, RIGHT_B] * 100)
    assert {alarm.kind for alarm in story.alarms} == {"errors"}
    rules = story.policy.per_label
    assert rules["a"].state == "suspended"
    assert rules["a"].epoch == 2
    assert rules["b"].state == "probation"
    assert rules["b"].epoch == 1
    assert set(story.policy.thresholds) == {"b"}


def test_audits_of_labels_taken_back_still_count_where_the_epoch_goes_on():
    story = opened(per_label=True)
    version, (audit,) = decide(story, unseen=10, audits=1, label="b")
    bad, audits = decide(story, unseen=10, audits=20, label="a")
    for request in audits:
        story.close(request, "wrong", policy_version=bad)
    assert [alarm.kind for alarm in story.alarms] == ["errors"]
    assert ledger_figures(story, 1) == (0, 0, 0)
    story.close(audit, "wrong", policy_version=version, predicted="b")
    hold(story)
    assert not story.certificate.covers(version)
    assert ledger_figures(story, 1) == (0, 1, 0)


def test_labels_of_all_scopes_add_up_in_the_certificate():
    story = opened(per_label=True)
    decide(story, unseen=10, label="a")
    decide(story, unseen=20, label="b")
    hold(story)
    assert story.certificate.labels == 30
    assert story.certificate.wrong_at_most == 30


def test_a_label_the_task_does_not_know_never_opens():
    story = opened(per_label=True)
    story.close("other", "right", predicted="new", look="review", propensity=1.0)
    assert "new" not in story.policy.thresholds
