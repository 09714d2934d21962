import json
import random
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.risk.risk_story import Case, Story

from winnow.core.risk import RiskMonitor

HEAD_LIMIT = 64 * 1024


@cache
def told(*, per_label=False):
    """A stream with an error burst, lost answers and revisions; what was heard, and all said about it."""
    rng = random.Random(5)
    story = Story(target=0.1, per_label=per_label)

    def case(story):
        burst = 900 < story.seconds < 1_100
        top = rng.betavariate(20, 1)
        return Case(rng.choice("ab"), top, wrong=rng.random() < (0.9 if burst else (1 - top) / 2))

    def closing(case, kind):
        if rng.random() < 0.03:
            return "expired"
        return "wrong" if case.wrong else "right"

    for part in range(30):
        story.run([case] * 50, delay=40, closing=closing)
        if part % 4 == 0:
            revise_one(story, rng)
    return story


def revise_one(story, rng):
    answers = [each for each in story.heard if each.kind == "closing" and each.closing in {"right", "wrong"}]
    if answers:
        one = rng.choice(answers[-60:])
        other = "right" if one.closing == "wrong" else "wrong"
        story.feed(one.model_copy(update={"revision": one.revision + 1, "closing": other, "at": story.at}))


def fresh(story):
    return RiskMonitor(story.task, "salt-id", 1, story.monitor.settings)


def play(monitor, heard, first=0):
    return [monitor.on_evidence(offset, evidence) for offset, evidence in enumerate(heard, first)]


def through_json(value):
    return json.loads(json.dumps(value, allow_nan=False))


@settings(max_examples=8, deadline=None)
@given(st.data(), st.booleans())
def test_a_restored_monitor_goes_on_exactly_at_any_event(data, per_label):
    story = told(per_label=per_label)
    cut = data.draw(st.integers(0, len(story.heard)))
    first, second = fresh(story), fresh(story)
    play(first, story.heard[:cut])
    second.restore(through_json(first.snapshot()))
    assert second.snapshot() == first.snapshot()
    assert play(second, story.heard[cut:], cut) == play(first, story.heard[cut:], cut)
    assert second.snapshot() == first.snapshot() == story.monitor.snapshot()


@settings(max_examples=6, deadline=None)
@given(st.data())
def test_slots_written_after_the_head_do_no_harm(data):
    story = told()
    cut = data.draw(st.integers(0, len(story.heard)))
    ahead = data.draw(st.integers(cut, min(cut + 400, len(story.heard))))
    first = fresh(story)
    play(first, story.heard[:cut])
    head, whole = first.snapshot_head(), first.snapshot()
    play(first, story.heard[cut:ahead], cut)
    second = fresh(story)
    second.restore(through_json({"head": head, "slots": first.snapshot()["slots"]}))
    expected = fresh(story)
    expected.restore(through_json(whole))
    assert play(second, story.heard[cut:], cut) == play(expected, story.heard[cut:], cut)


def test_changed_slots_are_all_that_must_be_written():
    story = told()
    monitor, table = fresh(story), {}
    for offset, evidence in enumerate(story.heard):
        monitor.on_evidence(offset, evidence)
        for number in monitor.changed_slots():
            table[number] = json.dumps(monitor.slot(number))
            assert len(table[number]) < HEAD_LIMIT
    slots = monitor._slots
    held = {
        section.first + row: json.dumps(slots.read(section.first + row))
        for section, rows in slots.in_use()
        for row in rows
    }
    assert table == held


@pytest.mark.parametrize("per_label", [False, True])
def test_the_head_stays_small(per_label):
    story = told(per_label=per_label)
    assert len(json.dumps(story.monitor.snapshot_head())) < HEAD_LIMIT / 4


def test_the_story_has_what_it_is_told_for():
    story = told()
    assert {alarm.kind for alarm in story.alarms} >= {"errors"}
    assert story.certificate.labels > 0
    assert story.monitor.figures()["never_answered"] > 0
