"""Operators' commands: evidence like any other, in the same order."""

import json
from datetime import timedelta

import pytest
from tests.core.risk.opened_gate import decide, hold, ledger_figures, next_version, opened
from tests.core.risk.risk_story import Case, Story

from winnow.core.risk import RiskMonitor

RIGHT = Case("a", 0.95, wrong=False)


def test_an_alarm_takes_back_what_is_held_and_begins_a_new_epoch():
    story = opened()
    held, _ = decide(story, unseen=10)
    story.command("alarm", note="a supplier changed its forms")
    assert [(alarm.kind, alarm.epoch) for alarm in story.alarms] == [("operator", 1)]
    assert story.alarms[0].message == "alarm by duty-desk: a supplier changed its forms"
    assert (story.policy.state, story.policy.epoch) == ("suspended", 2)
    assert not story.certificate.covers(held)
    hold(story)
    assert story.certificate.labels == 0


def test_a_halt_lasts_until_an_operator_resumes():
    story = opened()
    story.command("halt")
    story.run([RIGHT] * 300)
    assert (story.policy.state, story.policy.thresholds) == ("halted", {})
    story.command("alarm")
    assert story.policy.state == "halted"
    story.run([RIGHT] * 300)
    story.command("resume")
    assert (story.policy.state, story.policy.version) == ("probation", story.offset)


def test_a_second_halt_and_a_resume_of_what_runs_change_nothing_but_the_memory_of_them():
    story = opened()
    version = story.version
    story.command("resume")
    assert story.version == version
    story.command("halt")
    said = story.command("halt")
    assert said == []
    assert len(story.alarms) == 1


def test_alarms_by_operators_do_not_use_up_the_epochs_allowed():
    story = opened()
    for _ in range(story.monitor.settings.max_epochs + 5):
        story.command("alarm")
    assert story.policy.state == "suspended"


@pytest.mark.parametrize("action", ["alarm", "halt", "resume", "recall"])
def test_a_repeated_command_changes_nothing(action):
    story = opened()
    version, _ = decide(story, unseen=10)
    versions = {"first": version, "last": version} if action == "recall" else {}
    story.command(action, command_id="once", **versions)
    before = story.monitor.snapshot()["head"]
    assert story.command(action, command_id="once", **versions) == []
    after = story.monitor.snapshot()["head"]
    assert after.pop("repeated") == before.pop("repeated") + 1
    assert after.pop("offset") == before.pop("offset") + 1
    assert after == before


def test_a_command_is_known_after_a_restart():
    story = opened()
    story.command("halt", command_id="once")
    restored = RiskMonitor(story.task, "salt-id", 1, story.monitor.settings)
    restored.restore(json.loads(json.dumps(story.monitor.snapshot())))
    again = story.heard[-1]
    assert restored.on_evidence(story.offset + 1, again) == []
    assert restored.epochs.halted


def test_many_commands_leave_the_head_small():
    story = opened()
    for number in range(300):
        story.command("resume", command_id=f"{number:0100}")
    assert len(json.dumps(story.monitor.snapshot_head())) < 16 * 1024


def test_released_labels_can_be_taken_back_by_version_and_go_on_counting():
    story = opened()
    version, _ = decide(story, unseen=30)
    hold(story)
    story.command("recall", first=version, last=version)
    assert not story.certificate.covers(version)
    assert story.certificate.labels == 30
    assert not story.alarms


def test_labels_recalled_while_they_are_held_are_never_given_out_but_count():
    story = opened()
    version, (audit,) = decide(story, unseen=30, audits=1)
    story.command("recall", first=version, last=version)
    story.close(audit, "wrong", policy_version=version)
    hold(story)
    assert story.certificate.released >= version
    assert not story.certificate.covers(version)
    assert ledger_figures(story) == (30, 1, 0)


def test_a_recall_beyond_the_newest_version_is_cut_there_and_later_labels_are_not_meant():
    story = opened()
    version = story.version
    story.command("recall", first=version, last=10**12)
    assert story.certificate.withdrawn[-1] == (version, version)
    assert story.version > version
    later, _ = decide(story, unseen=30)
    hold(story)
    assert story.certificate.covers(later)


def test_a_recall_of_versions_that_are_not_there_yet_changes_nothing():
    story = opened()
    before = story.certificate
    said = story.command("recall", first=story.offset + 100, last=story.offset + 200)
    assert said == []
    assert story.certificate == before


@pytest.mark.parametrize("wrong_by", [timedelta(days=-400), timedelta(days=400)])
def test_an_operators_clock_is_not_believed(wrong_by):
    story = opened()
    now = story.monitor.parts.now
    story.command("alarm", at=story.at + wrong_by)
    assert story.monitor.parts.now == now
    assert story.policy.at == story.at
    next_version(story)


def test_a_command_may_be_the_first_that_is_heard():
    story = Story()
    story.command("halt")
    assert story.policy.state == "halted"
    story.run([RIGHT] * 200)
    assert story.looks["none"] == 0
    story.command("resume")
    assert story.policy.state == "probation"
