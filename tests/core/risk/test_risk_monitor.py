import json
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.core.risk.opened_gate import chapter, decide, hold, ledger_figures, next_version, opened
from tests.core.risk.risk_story import Case, Story, task

from winnow.core.risk import RiskMonitor, RiskSettings
from winnow_schemas.policies import Policy

RIGHT = Case("a", 0.95, wrong=False)
WRONG = Case("a", 0.95, wrong=True)


LIVE = RiskSettings.of_task(task())


def test_the_first_evidence_brings_a_cold_policy_and_an_empty_certificate():
    story = Story().begin()
    assert (story.policy.version, story.policy.state, story.policy.thresholds) == (0, "cold", {})
    assert story.policy.salt_id == "salt-id"
    assert (story.certificate.labels, story.certificate.met, story.certificate.error_at_most) == (0, False, None)


def test_a_monitor_that_begins_in_the_middle_claims_nothing_of_before():
    story = Story()
    story.offset = 499
    story.begin()
    assert story.policy.version == 500
    assert not story.certificate.covers(499)
    assert not story.monitor.parts.issuer.knows(499)


def test_the_gate_opens_when_all_answers_are_right():
    story = Story().run([RIGHT] * 300)
    assert story.policy.state == "probation"
    assert story.policy.thresholds["a"] < 0.95
    assert (story.policy.audit_rate, story.policy.ledger_rate) == (0.16, 0.08)
    assert story.looks["none"] > 0


def test_the_gate_never_opens_when_all_answers_are_wrong():
    story = Story().run([WRONG] * 1_000)
    assert story.looks["none"] == 0
    assert story.policy.state == "building"


def test_below_the_least_number_of_answers_the_gate_is_cold():
    story = Story().run([RIGHT] * 60, delay=10)
    assert story.policy.state == "cold"


def test_a_target_of_0_is_never_reached_and_says_so():
    story = Story(target=0.0).run([RIGHT] * 500)
    assert story.looks["none"] == 0
    assert story.policy.state == "building"
    assert "people" in story.monitor.figures()["notice"]


def test_probation_ends_when_enough_was_released():
    story = Story().run([RIGHT] * 1_500)
    assert story.policy.state == "auto"
    assert story.policy.audit_rate == story.policy.ledger_rate == 0.08
    assert 0.1 * story.certificate.labels >= 50


def test_errors_that_take_most_of_what_was_earned_bring_probation_back():
    story = Story().run([RIGHT] * 1_500)
    scope = story.monitor.parts.scopes[0]
    for errors, state in ((0.5, "auto"), (0.8, "probation"), (0.6, "auto")):
        scope.ledger.current.spent = errors * (0.1 * scope.ledger.released + 5)
        scope.look_again(None, held=0.0)
        assert scope.state == state
        assert scope.audit_rate(0.0) == (0.16 if state == "probation" else 0.08)


def test_a_chapter_ends_without_an_alarm_and_audits_get_rarer():
    settings = replace(RiskSettings.of_replay(task()), chapter_evidence=10.0, audits_per_hour=0.0)
    story = Story(settings=settings).run([RIGHT] * 3_500)
    assert not story.alarms
    assert (story.policy.state, story.policy.epoch, story.policy.chapter) == ("auto", 1, 2)
    assert story.policy.ledger_rate == 0.08 / 3
    assert story.certificate.met
    assert not story.certificate.withdrawn
    assert chapter(story).released > 0


def test_errors_raise_the_alarm_close_the_gate_and_take_back_what_is_held():
    story = Story().run([RIGHT] * 1_200)
    assert story.certificate.labels
    released, held = story.certificate.released, story.version
    story.run([WRONG] * 600)
    alarm = story.alarms[0]
    assert alarm.kind == "errors"
    assert alarm.epoch == 1
    assert not story.certificate.covers(held)
    assert story.certificate.covers(released)
    first_after = next(each for each in story.said if isinstance(each, Policy) and each.epoch == 2)
    assert first_after.version == alarm.version
    assert (first_after.state, first_after.thresholds) == ("suspended", {})


def test_suspension_ends_when_the_new_epoch_opens():
    story = Story().run([RIGHT] * 800).run([WRONG] * 300).run([RIGHT] * 2_500)
    assert story.policy.epoch >= 2
    assert story.policy.state in {"probation", "auto"}


def test_more_epochs_than_allowed_halt_it_and_an_operator_starts_it_again():
    settings = replace(RiskSettings.of_replay(task()), max_epochs=1)
    story = opened(settings=settings)
    for _ in range(2):
        story.next[0] += 1
        story.counts(reviews=1)
    assert story.policy.state == "halted"
    story.run([RIGHT] * 300)
    assert story.policy.state == "halted"
    assert story.policy.thresholds == {}
    story.command("resume")
    assert story.policy.state == "probation"


def test_evidence_heard_before_is_passed_over():
    story = opened()
    before = story.monitor.snapshot()
    assert story.monitor.on_evidence(story.offset, story.closed()) == []
    assert story.monitor.snapshot() == before


@pytest.mark.parametrize("reason", ["disputed", "seed", "gold", "recalled"])
def test_requests_that_no_coin_chose_are_no_evidence(reason):
    story = opened()
    decide(story, unseen=10, audits=1)
    before = [scope.snapshot_head() for scope in story.monitor.parts.scopes]
    story.close("other", "wrong", reason=reason)
    assert [scope.snapshot_head() for scope in story.monitor.parts.scopes] == before


@pytest.mark.parametrize("version", [-1, 10**9])
def test_unknown_versions_are_counted_and_are_no_evidence(version):
    story = opened()
    before = [scope.snapshot_head() for scope in story.monitor.parts.scopes]
    story.close("other", "wrong", policy_version=version)
    story.counts(version=version, unseen=7)
    assert [scope.snapshot_head() for scope in story.monitor.parts.scopes] == before
    assert story.monitor.figures()["unknown_versions"] == 8
    assert story.monitor.parts.releases.cohorts.unseen == 0


def test_records_without_a_score_are_no_evidence():
    story = opened()
    before = [scope.snapshot_head() for scope in story.monitor.parts.scopes]
    story.close("other", "wrong", predicted=None, top_probability=None, look="review", reason="cold")
    assert [scope.snapshot_head() for scope in story.monitor.parts.scopes] == before


def test_scores_of_exactly_0_and_1_are_told_apart_like_others():
    story = Story().run([Case("a", 1.0, wrong=False), Case("a", 0.0, wrong=True)] * 200)
    assert 0.0 < story.policy.thresholds["a"] < 1.0
    assert story.looks["none"] > 0
    assert not any(wrong for _, wrong in story.autos)


@pytest.mark.parametrize(("per_label", "released"), [(False, 5), (True, 0)])
def test_a_label_that_the_task_does_not_know_is_held_with_all_others_or_not_at_all(per_label, released):
    story = opened(per_label=per_label)
    story.counts("stranger", unseen=5)
    story.close("other", predicted="stranger", look="review", propensity=1.0)
    next_version(story)
    hold(story)
    assert story.certificate.labels == released
    assert not story.alarms


def test_late_answers_of_a_closed_epoch_teach_the_error_model_only():
    story = opened()
    version, (audit,) = decide(story, unseen=10, audits=1)
    story.command("alarm")
    before = story.monitor.parts.scopes[0].snapshot_head()
    story.close(audit, "wrong", policy_version=version)
    after = story.monitor.parts.scopes[0].snapshot_head()
    assert after.pop("error_model") != before.pop("error_model")
    assert after == before


def test_another_stream_of_records_raises_gap_once_for_all_partitions():
    story = opened(partitions=2)
    held, _ = decide(story, unseen=10)
    story.next = {0: 0, 1: 0}
    story.counts(partition=0, stream="new-one-", reviews=1)
    story.counts(partition=1, stream="new-one-", reviews=1)
    assert [alarm.kind for alarm in story.alarms] == ["gap"]
    hold_stream(story, "new-one-")
    assert not story.certificate.covers(held)


def hold_stream(story, stream):
    story.seconds += 3_600
    for partition in story.next:
        story.counts(partition=partition, stream=stream)


@pytest.mark.parametrize("hole", [1, -1])
def test_offsets_that_do_not_follow_each_other_raise_gap(hole):
    story = opened()
    story.next[0] += hole
    story.counts(reviews=1)
    assert [alarm.kind for alarm in story.alarms] == ["gap"]
    story.counts(reviews=1)
    assert len(story.alarms) == 1


def test_lost_evidence_raises_gap():
    story = opened()
    story.offset += 1
    story.hear(story.monitor.evidence_lost(story.offset, "retention"))
    assert [alarm.kind for alarm in story.alarms] == ["gap"]
    assert story.policy.version == story.offset


def test_a_silent_partition_is_told_once_and_nothing_is_taken_back():
    story = opened(partitions=2)
    version = story.version
    story.counts(partition=0, unseen=10)
    for _ in range(10):
        story.seconds += 20
        story.counts(partition=0)
    assert [alarm.kind for alarm in story.alarms] == ["incomplete"]
    assert not story.certificate.withdrawn
    assert not story.certificate.covers(version)
    story.counts(partition=1)
    next_version(story)
    hold(story)
    assert story.certificate.labels == 10


def test_live_policies_are_renewed_every_5_seconds_of_evidence():
    story = Story(settings=LIVE).begin()
    version, policies = story.version, []
    for _ in range(29):
        story.seconds += 1
        policies += [each for each in story.counts() if isinstance(each, Policy)]
    assert [policy.version for policy in policies] == [version] * 5
    assert policies[-1].valid_until == policies[-1].at + timedelta(seconds=60)
    story.seconds += 1
    story.counts()
    assert story.version > version


def test_a_clock_that_jumped_ahead_does_not_stop_policies_or_releases():
    story = opened(settings=LIVE)
    version = story.version
    story.seconds += 10**7
    story.counts(unseen=10)
    story.seconds -= 10**7
    assert story.version > version
    for _ in range(200):
        story.seconds += 1
        story.counts()
    assert story.policy.at == story.at or story.at - story.policy.at < timedelta(seconds=5)
    assert story.certificate.labels == 10


def test_another_model_makes_the_gate_start_afresh_and_the_ledger_go_on():
    story = opened()
    decide(story, unseen=30)
    hold(story)
    story.change_model("promoted", model_version=700)
    assert (story.policy.state, story.policy.thresholds, story.policy.model_since) == ("cold", {}, 700)
    assert ledger_figures(story) == (30, 0, 0)
    assert not story.alarms


def test_answers_about_the_model_before_open_no_gate_and_are_settled_all_the_same():
    story = opened()
    version, (audit,) = decide(story, unseen=30, audits=1)
    story.change_model("promoted", model_version=700)
    story.run([Case("a", 0.95, wrong=False)] * 200)
    assert story.policy.thresholds == {}
    story.close(audit, "wrong", policy_version=version)
    hold(story)
    assert ledger_figures(story) == (30, 1, 0)
    story.model_version = 700
    story.run([Case("a", 0.95, wrong=False)] * 200)
    assert story.policy.thresholds


def test_counts_tell_of_another_model_where_the_change_was_not_heard():
    story = opened()
    story.model_since = 700
    story.counts()
    assert (story.policy.state, story.policy.thresholds, story.policy.model_since) == ("cold", {}, 700)
    version = story.policy.version
    story.model_since = 0  # a scorer that does not know yet
    story.counts()
    assert story.policy.version == version


def test_a_change_of_the_model_that_is_told_twice_happens_once_and_is_known_after_a_restart():
    story = opened()
    story.change_model("rolled_back", model_version=700)
    restored = RiskMonitor(story.task, "salt-id", 1, story.monitor.settings)
    restored.restore(json.loads(json.dumps(story.monitor.snapshot())))
    assert restored.on_evidence(story.offset + 1, story.heard[-1]) == []
    assert restored.parts.model_since == 700


def test_a_model_that_is_withheld_raises_an_alarm_and_stops_nothing():
    story = opened()
    before = story.policy.thresholds
    story.change_model("withheld", model_version=700, note="log loss by 0.2")
    assert [(alarm.kind, alarm.epoch) for alarm in story.alarms] == [("model", 1)]
    assert story.alarms[0].message == "newer versions of committee are not given out: log loss by 0.2"
    story.change_model("withheld", model_version=700, note="log loss by 0.2")  # the learner was restarted
    story.change_model("given_out", model_version=900)
    assert (story.policy.thresholds, len(story.alarms)) == (before, 1)


def test_gold_that_reviewers_got_wrong_widens_the_next_chapter():
    story = opened()
    for number in range(40):
        closing = "right" if number % 4 == 0 else "wrong"
        story.close(f"gold-{number}", closing, reason="gold", look="none", known_wrong=True)
    assert chapter(story).missed == 0.0
    story.command("alarm")
    assert 0.25 < chapter(story).missed < 0.5


def test_gold_that_was_undone_and_answered_again_is_one_case():
    story = opened()
    told = {"reason": "gold", "look": "none", "known_wrong": True}
    story.close("gold", "right", **told)
    story.close("gold", "reopened", **{**told, "known_wrong": None}, revision=2)
    story.close("gold#2", "wrong", **told, revision=3)
    assert story.monitor.parts.gold.snapshot() == [1, 1]


def test_more_audits_than_reviewers_can_answer_close_the_gate_for_a_share():
    settings = replace(RiskSettings.of_replay(task()), audits_per_hour_max=100.0)
    story = Story(settings=settings).run([RIGHT] * 2_000)
    assert 0 < story.policy.open_share < 1
    above = 3_600 * story.policy.audit_rate * story.policy.open_share
    assert above <= 100.0 * 1.2


def test_few_labels_an_hour_are_audited_no_less_than_drift_detection_needs():
    settings = replace(RiskSettings.of_replay(task()), chapter_evidence=10.0, audits_per_hour=200.0)
    story = Story(settings=settings).run([RIGHT] * 3_500)
    assert story.policy.audit_rate * 3_600 >= 200.0 * 0.9


def test_a_monitor_needs_no_settings_but_the_task():
    assert RiskMonitor(task(0.02), "id", 4).settings.window == 4_000
