"""The champion travels as what has changed in it, and whole every minute; whoever follows scores as its model would."""

import random
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from winnow.core.compiled import compile_model, scorer
from winnow.core.models import build, river_input
from winnow.core.models.text_naive_bayes import TextNaiveBayes
from winnow.learner.classroom import classroom
from winnow.learner.figures import Figures
from winnow.learner.handler import LearnerHandler
from winnow.learner.settings import LearnerSettings
from winnow.runtime.messages import Incoming
from winnow.runtime.metrics import MetricsWindow
from winnow.runtime.model_keys import parse_model_keys
from winnow.runtime.snapshot_slots import ROOM_STATE, is_delta, is_manifest, is_of_champion
from winnow.runtime.snapshots import SnapshotReader
from winnow.runtime.standing_models import standing
from winnow.scorer.champion import Champion
from winnow_schemas.codec import encode
from winnow_schemas.task import ModelSpec, Task
from winnow_schemas.topics import Topics
from winnow_schemas.verdicts import Verdict

NOW = 1_800_000_000.0
AT = datetime.fromtimestamp(NOW, UTC)
TOPICS = Topics("w")
KEYS = parse_model_keys("one:" + "11" * 32)
TASK = Task.model_validate(
    {
        "task": "mail",
        "labels": ["ham", "spam"],
        "input": {"text": True},
        "model": {"champion": "text_naive_bayes"},
    }
)
RECORDS = [{"text": f"w{number} w{number + 1} prize"} for number in range(40)]


def text_of(offset):
    chance = random.Random(offset)
    return " ".join(f"w{chance.randrange(60 + offset)}" for _ in range(8)) + (" prize" if offset % 2 else "")


def verdict(offset):
    said = Verdict(
        request_id=f"s/0/{offset}",
        revision=1,
        record={"id": f"r{offset}", "text": text_of(offset)},
        label=TASK.labels[offset % 2],
        reason="uncertain",
        propensity=1.0,
        answers={"ann": "ham"},
        agreement=1.0,
        answered_at=AT,
        at=AT,
    )
    return Incoming(TOPICS["verdicts"], 0, offset, b"k", encode(said), NOW)


def compiled_replay(task, verdicts):
    model = build(task, task.champion)
    for offset in range(verdicts):
        model.learn_one(river_input(task, {"text": text_of(offset)}), task.labels[offset % 2])
    return compile_model(task, task.champion, model, verdicts)


class Wire:
    """A learner, the topic it writes, and scorers that read it."""

    def __init__(self, task=TASK):
        self.task = task
        self.log = []
        self.now = NOW
        self.restart()

    def restart(self):
        about = LearnerSettings(self.task, TOPICS, KEYS)
        self.room = classroom(about, self.log)
        window = MetricsWindow("learner", "learner", TOPICS["metrics"], NOW)
        self.handler = LearnerHandler(about, self.room, Figures(window), lambda: 0.0)

    def learn(self, end):
        first = self.room.first_offset
        self.handler.learn([verdict(offset) for offset in range(first, end)], self.now)
        return self

    def publish(self, after_s=0.5):
        """What is due later, in one committed transaction after the other; the slots that were written."""
        self.now += after_s
        slots = []
        while issue := self.handler.due(self.now):
            slots += self.write(issue)
        return slots

    def write(self, issue):
        messages = [message for message in issue.messages() if message.topic == TOPICS["models"]]
        for message in messages:
            self.log.append(Incoming(message.topic, 0, len(self.log), message.key, message.value, self.now))
        self.handler.committed()
        slots = [m.key.decode() for m in messages if m.value is not None and is_manifest(m.key.decode())]
        return [slot for slot in slots if slot != ROOM_STATE]

    def bytes(self):
        return sum(len(message.value) for message in standing(self.log, lambda slot: True))


class Scorer:
    """Reads the log as a scorer does; `lost` are keys that never reach it."""

    def __init__(self, wire):
        self.wire = wire
        self.champion = Champion(wire.task)
        self.reader = SnapshotReader("mail", KEYS, is_of_champion, self.champion.knows)
        self.read = 0

    def follow(self, lost=()):
        taken = []
        for message in self.wire.log[self.read :]:
            if message.key.decode() not in lost and (snapshot := self.reader.feed(message)):
                taken += [snapshot.manifest.slot] if self.champion.take(snapshot) else []
        self.read = len(self.wire.log)
        return taken

    @property
    def version(self):
        return self.champion.scorer.version

    def table(self):
        return self.champion.scorer.score_batch(RECORDS).table


def expected(verdicts, task=TASK):
    return scorer(compiled_replay(task, verdicts)).score_matrix(RECORDS)


@pytest.mark.parametrize("name", ["text_naive_bayes", "text_logistic"])
def test_whoever_follows_deltas_scores_as_a_replay_of_the_verdicts_would(name):
    task = TASK.model_copy(update={"model": ModelSpec(champion=name)})
    wire = Wire(task)
    follower = Scorer(wire)
    for end in (20, 25, 26, 60):
        assert wire.learn(end).publish()[0] == ("champion" if end == 20 else f"delta/{end}")
        follower.follow()
        assert follower.version == end
        assert np.array_equal(follower.table(), expected(end, task))


def test_all_of_it_goes_out_every_minute_and_who_followed_need_not_read_it():
    wire = Wire()
    follower = Scorer(wire)
    wire.learn(20).publish()
    wire.learn(30).publish()
    follower.follow()
    assert wire.learn(40).publish(after_s=60) == ["delta/40", "champion", "state/champion"]
    assert follower.follow() == ["delta/40"]
    newcomer = Scorer(wire)
    newcomer.wire.log = standing(wire.log, is_of_champion)
    assert newcomer.follow() == ["champion"]
    assert np.array_equal(newcomer.table(), follower.table())


def test_deltas_are_erased_when_the_next_whole_one_stands():
    wire = Wire()
    for end in (20, 25, 30):
        wire.learn(end).publish()
    wire.learn(40).publish(after_s=60)
    left = {message.key.decode() for message in standing(wire.log, lambda slot: True)}
    assert {key for key in left if is_manifest(key)} == {"champion", "state/champion", ROOM_STATE, "delta/40"}


def test_deltas_together_stay_below_half_of_the_whole_one():
    wire = Wire()
    wire.learn(400).publish()
    for end in range(401, 480):
        wire.learn(end).publish(after_s=0.41)
        deltas = [m for m in standing(wire.log, is_delta) if not is_manifest(m.key.decode())]
        whole = [m for m in standing(wire.log, lambda slot: slot == "champion") if not is_manifest(m.key.decode())]
        assert 2 * sum(len(m.value) for m in deltas[:-1]) <= sum(len(m.value) for m in whole)


def test_a_scorer_that_missed_a_delta_keeps_what_it_has_until_the_next_whole_one(capsys):
    wire = Wire()
    follower = Scorer(wire)
    wire.learn(400).publish()
    follower.follow()
    wire.learn(405).publish()
    assert follower.follow(lost={"delta/405"}) == []
    for end in (410, 415):
        wire.learn(end).publish()
        assert follower.follow() == []
    assert np.array_equal(follower.table(), expected(400))
    wire.learn(420).publish(after_s=60)
    assert follower.follow() == ["champion"]
    assert np.array_equal(follower.table(), expected(420))
    told = [line for line in capsys.readouterr().out.splitlines() if "snapshot_refused" in line]
    assert len(told) == 1
    assert "delta/410" in told[0]
    assert "next full snapshot" in told[0]


def test_a_restarted_learner_begins_with_a_whole_one_that_goes_on_where_scorers_are():
    wire = Wire()
    follower = Scorer(wire)
    wire.learn(20).publish()
    wire.learn(30).publish()
    follower.follow()
    wire.restart()
    assert wire.room.first_offset == 20
    assert wire.learn(30).publish() == ["state/champion"]
    wire.learn(31)
    assert "champion" in wire.publish()
    follower.follow()
    wire.learn(33).publish()
    assert follower.follow() == ["delta/33"]
    assert np.array_equal(follower.table(), expected(33))


def test_a_learner_that_is_asked_to_end_leaves_nothing_to_learn_again():
    wire = Wire()
    wire.learn(20).publish()
    wire.learn(37)
    assert wire.write(wire.handler.last(wire.now)) == ["delta/37", "state/champion"]
    wire.restart()
    assert wire.room.first_offset == 37


def test_a_delta_that_was_aborted_goes_out_with_the_next():
    wire = Wire()
    follower = Scorer(wire)
    wire.learn(20).publish()
    wire.learn(25)
    wire.handler.due(wire.now + 1).messages()
    wire.learn(28)
    wire.handler.aborted()
    assert wire.publish(after_s=2) == ["delta/28"]
    follower.follow()
    assert np.array_equal(follower.table(), expected(28))


def test_verdicts_learned_while_a_delta_is_under_way_come_with_the_next():
    wire = Wire()
    follower = Scorer(wire)
    wire.learn(400).publish()
    wire.learn(405)
    issue = wire.handler.due(wire.now + 1)
    wire.learn(420)
    assert wire.write(issue) == ["delta/405"]
    follower.follow()
    assert np.array_equal(follower.table(), expected(405))
    assert wire.publish(after_s=2) == ["delta/420"]
    follower.follow()
    assert np.array_equal(follower.table(), expected(420))


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 6), st.sampled_from("prawm")), min_size=2, max_size=8))
def test_whatever_happens_who_reads_on_and_who_begins_score_alike(steps):
    """p: published; r: the learner is killed; a: aborted; w: a minute passes; m: published, and a message is lost."""
    wire, end = Wire(), 0
    follower = Scorer(wire)
    for more, what in steps:
        end = max(end, wire.room.first_offset) + more
        wire.learn(end)
        if what == "r":
            wire.restart()
        elif what == "a":
            wire.handler.due(wire.now + 1).messages()
            wire.handler.aborted()
        else:
            wire.publish(after_s=61 if what == "w" else 0.5)
            follower.follow(lost={f"delta/{end}"} if what == "m" else ())
    wire.learn(end + 1).publish(after_s=61)
    follower.follow()
    newcomer = Scorer(wire)
    newcomer.follow()
    assert follower.version == newcomer.version == end + 1
    assert np.array_equal(follower.table(), expected(end + 1))
    assert np.array_equal(newcomer.table(), expected(end + 1))


def own_model():
    return TextNaiveBayes()


def test_a_model_of_ones_own_is_pickled_and_asked_record_by_record_and_both_sides_say_so_once(capsys):
    own = ModelSpec(champion="python: tests.learner.test_learner_deltas:own_model")
    wire = Wire(TASK.model_copy(update={"model": own}))
    follower = Scorer(wire)
    for end, more in ((12, ["state/champion"]), (15, [])):
        assert wire.learn(end).publish() == ["champion", *more]
        follower.follow()
    assert np.allclose(follower.table(), expected(15), atol=1e-12)
    wire.restart()
    assert wire.room.first_offset == 12
    told = capsys.readouterr().out
    assert told.count("published_as_pickle") == told.count("scored_one_by_one") == 1
