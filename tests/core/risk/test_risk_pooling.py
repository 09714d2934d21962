"""The answers of a committee are pooled anew with the weights that scorers tell of; other models change nothing."""

import json
import math
import random
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.risk.risk_story import Case, Story

from winnow.core.risk import RiskMonitor
from winnow.core.risk.answer_window import AnswerWindow, KeptAnswer, Mark
from winnow.core.risk.error_model import logit
from winnow.core.voting import PoolWeights, Votes, log_votes
from winnow_schemas.evidence import CastVotes, Pooling

LABELS = ("a", "b")
ENTRY_LIMIT = 64 * 1024


def votes(top, members=("fast", "slow"), labels=LABELS):
    shares = np.full((len(members), len(labels)), (1.0 - top) / (len(labels) - 1))
    shares[:, 0] = top
    return Votes(tuple(members), tuple(labels), log_votes(shares).round(6))


def kept(number, cast):
    return KeptAnswer(f"r{number}", Mark(0, 1), "a", 0.25 + number, 1.0, False, cast)


def weights(fast, slow, a=0.0):
    return PoolWeights({"fast": fast, "slow": slow}, {"a": a, "b": 0.0})


class TestTheWindow:
    def test_pools_the_votes_it_keeps_with_todays_weights(self):
        window = AnswerWindow(3)
        for number, top in enumerate((0.6, 0.7, 0.8, 0.9)):
            window.add(number, kept(number, votes(top)))
        today = weights(0.5, 0.25, a=0.1)
        expected = [logit(today.pooled(votes(top))["a"]) for top in (0.7, 0.8, 0.9)]
        assert window.newest(today).x == pytest.approx(expected, abs=1e-9)

    def test_leaves_answers_without_votes_as_they_were(self):
        window = AnswerWindow(4)
        window.add(0, kept(0, None))
        window.add(1, kept(1, votes(0.7)))
        window.add(2, kept(2, None))
        assert window.newest(weights(1.0, 1.0)).x[[0, 2]].tolist() == [0.25, 2.25]
        assert window.newest(None).x.tolist() == [0.25, 1.25, 2.25]

    def test_forgets_the_votes_of_a_slot_that_another_answer_takes(self):
        window = AnswerWindow(1)
        for number, cast in enumerate((votes(0.7), None, None)):
            window.add(number, kept(number, cast))
        assert window.newest(weights(1.0, 1.0)).x.tolist() == [2.25]
        assert len(window.slot(0)) == 6

    def test_keeps_a_slot_of_many_labels_and_members_below_the_size_of_a_table_entry(self):
        window = AnswerWindow(2)
        names = [f"a label with quite a long name, number {number}" for number in range(77)]
        window.add(0, kept(0, votes(0.9, [f"function number {n}" for n in range(24)], names)))
        assert len(json.dumps(window.slot(0))) < ENTRY_LIMIT


def of_a_committee(closed):
    top = closed.top_probability
    cast = votes(top) if closed.predicted == "a" else votes(1.0 - top)
    return closed.model_copy(update={"votes": CastVotes(labels=list(cast.labels), members=cast.to_wire())})


@cache
def told():
    """A stream that a committee decided, its weights moving; now and then a model that does not vote."""
    rng, moving = random.Random(7), random.Random(8)
    story = Story(target=0.1)

    def case(story):
        top = rng.betavariate(20, 1)
        return Case(rng.choice("ab"), top, wrong=rng.random() < (1 - top) / 2)

    story.run([case] * 600, delay=40)
    heard = []
    for number, each in enumerate(story.heard):
        if each.kind == "closing" and number % 50:
            heard.append(of_a_committee(each))
        elif each.kind == "counts" and number % 3 == 0:
            members = {"fast": moving.uniform(0.3, 1.0), "slow": moving.uniform(0.1, 0.5)}
            pooling = Pooling(members=members, labels={"a": moving.uniform(-0.1, 0.1), "b": 0.0})
            heard.append(each.model_copy(update={"pooling": pooling, "model_version": number}))
        else:
            heard.append(each)
    return story, heard


def fresh(story):
    return RiskMonitor(story.task, "salt-id", 1, story.monitor.settings)


def play(monitor, heard, first=0):
    return [monitor.on_evidence(offset, evidence) for offset, evidence in enumerate(heard, first)]


def thresholds(said):
    policies = [each for statements in said for each in statements if hasattr(each, "thresholds")]
    return [dict(policy.thresholds) for policy in policies if policy.thresholds]


@settings(max_examples=6, deadline=None)
@given(st.data())
def test_a_restored_monitor_pools_exactly_as_the_other_one(data):
    story, heard = told()
    cut = data.draw(st.integers(0, len(heard)))
    first, second = fresh(story), fresh(story)
    play(first, heard[:cut])
    second.restore(json.loads(json.dumps(first.snapshot())))
    assert play(second, heard[cut:], cut) == play(first, heard[cut:], cut)
    assert second.snapshot() == first.snapshot()


def test_the_weights_of_today_decide_what_the_gate_opens():
    story, heard = told()
    without = [each.model_copy(update={"pooling": None}) if each.kind == "counts" else each for each in heard]
    assert thresholds(play(fresh(story), heard)) != thresholds(play(fresh(story), without))


def test_votes_that_nobody_weighs_change_nothing():
    story, heard = told()
    without = [each.model_copy(update={"pooling": None}) if each.kind == "counts" else each for each in heard]
    assert play(fresh(story), without) == play(fresh(story), story.heard)


def test_a_scorer_that_is_behind_does_not_bring_old_weights_back():
    story = Story().begin()

    def hear(version, fast):
        pooling = Pooling(members={"fast": fast}, labels={"a": 0.0, "b": 0.0})
        last = story.heard[-1]
        counts = {"first": last.end, "end": last.end, "model_version": version, "pooling": pooling}
        story.feed(last.model_copy(update=counts))

    for version, fast in ((7, 0.7), (5, 0.5)):
        hear(version, fast)
    assert story.monitor.parts.pool.weights.members == {"fast": 0.7}
    hear(8, 0.8)
    assert story.monitor.parts.pool.weights.members == {"fast": 0.8}


def test_votes_below_the_lowest_count_as_the_lowest():
    read = Votes.from_wire({"fast": [-40.0, 0.0]}, LABELS)
    assert read.logs.tolist() == [[math.log(1e-6), 0.0]]
