"""The learner's logic without a broker: verdicts in, snapshots out."""

import json
import math
import random
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from winnow.core.compiled import compile_model
from winnow.core.models import build, river_input
from winnow.core.school.prequential import FADING, Prequential
from winnow.learner.classroom import classroom
from winnow.learner.figures import Figures
from winnow.learner.handler import LearnerHandler
from winnow.learner.publication import Pace, Publication
from winnow.learner.settings import LearnerSettings
from winnow.runtime.errors import UsageError
from winnow.runtime.messages import Incoming
from winnow.runtime.metrics import MetricsWindow
from winnow.runtime.model_keys import parse_model_keys
from winnow.runtime.snapshot_slots import ROOM_STATE, is_manifest
from winnow.runtime.snapshots import SnapshotReader
from winnow_schemas.codec import decode, encode
from winnow_schemas.dead_letters import DeadLetter
from winnow_schemas.decisions import Decision
from winnow_schemas.metrics import Metric
from winnow_schemas.review_responses import ReviewResponse
from winnow_schemas.task import Task
from winnow_schemas.topics import Topics
from winnow_schemas.verdicts import Verdict

NOW = 1_800_000_000.0
AT = datetime.fromtimestamp(NOW, UTC)
TOPICS = Topics("w")
KEYS = parse_model_keys("one:" + "11" * 32)


def task_of(champion="logistic", challengers=("hoeffding_tree",), **more):
    given_ = {
        "task": "sizes",
        "labels": ["small", "large"],
        "input": {"features": {"size": "number", "colour": "category"}},
        "model": {"champion": champion, "challengers": challengers},
    }
    return Task.model_validate({**given_, **more})


TASK = task_of()


def verdict(offset, **changes):
    chance = random.Random(offset)
    size = chance.gauss(0, 1)
    values = {
        "request_id": f"s/0/{offset}",
        "revision": 1,
        "record": {"id": f"r{offset}", "features": {"size": size, "colour": chance.choice(["red", "blue"])}},
        "label": "large" if size > 0 else "small",
        "reason": "uncertain",
        "propensity": 1.0,
        "answers": {"ann": "large"},
        "agreement": 1.0,
        "answered_at": AT - timedelta(seconds=1),
        "at": AT,
    }
    return Incoming(TOPICS["verdicts"], 0, offset, b"k", encode(Verdict(**{**values, **changes})), NOW)


class School:
    """A learner and the topic `models` it writes."""

    def __init__(self, task=TASK, models=()):
        self.task = task
        self.models = list(models)
        self.others = []
        self.start()

    def start(self):
        """As after a restart: nothing but what is in the topic is known."""
        about = LearnerSettings(self.task, TOPICS, KEYS)
        self.room = classroom(about, self.models)
        window = MetricsWindow("learner", "learner", TOPICS["metrics"], NOW)
        self.handler = LearnerHandler(about, self.room, Figures(window), lambda: 0.0)

    def learn(self, *messages, now=NOW):
        self.handler.learn(messages, now)
        return self

    def publish(self, now=NOW):
        """What is due, as one committed transaction after the other."""
        slots = []
        while issue := self.handler.due(now):
            outgoing = issue.messages()
            for message in outgoing:
                place = self.models if message.topic == TOPICS["models"] else self.others
                place.append(Incoming(message.topic, 0, len(place), message.key, message.value, now))
            self.handler.committed()
            written = [m for m in outgoing if m.topic == TOPICS["models"] and m.value is not None]
            slots += [m.key.decode() for m in written if is_manifest(m.key.decode())]
        return [slot for slot in slots if slot != ROOM_STATE]

    def snapshots(self, wanted=lambda slot: True):
        """All models that were published, one after the other."""
        reader = SnapshotReader("sizes", KEYS, lambda slot: slot != ROOM_STATE and wanted(slot))
        return [snapshot for message in self.models if (snapshot := reader.feed(message))]

    def newest(self, slot):
        """What was published last there."""
        return self.snapshots(lambda one: one == slot)[-1]

    def written(self, topic, contract):
        return [decode(contract, message.value) for message in self.others if message.topic == TOPICS[topic]]


def scores(model, task=TASK):
    return [
        model.predict_proba_one(river_input(task, decode(Verdict, verdict(o).value).record)) for o in range(1000, 1040)
    ]


def replayed(task, name, offsets):
    model = build(task, name)
    for offset in offsets:
        one = decode(Verdict, verdict(offset).value)
        model.learn_one(river_input(task, one.record), one.label)
    return model


def test_nothing_is_published_before_something_was_learned():
    assert School().publish() == []


def test_what_was_learned_is_published_at_once():
    school = School().learn(verdict(0))
    assert school.publish() == ["champion", "state/champion", "challenger/hoeffding_tree"]
    champion, state, other = school.snapshots()
    assert (champion.manifest.form, state.manifest.form, other.manifest.form) == ("compiled", None, None)
    assert (champion.manifest.name, champion.manifest.version, champion.manifest.verdict_offset) == ("logistic", 1, 1)
    assert champion.manifest.fresh == [AT - timedelta(seconds=1)]
    assert (champion.manifest.learned, other.manifest.learned) == (1, 1)


def test_a_snapshot_holds_the_model_of_a_replay():
    school = School().learn(*(verdict(offset) for offset in range(100)))
    school.publish()
    champion, state, other = school.snapshots()
    assert scores(state.load()) == scores(replayed(TASK, "logistic", range(100)))
    assert scores(other.load()) == scores(replayed(TASK, "hoeffding_tree", range(100)))
    assert champion.body == compile_model(TASK, "logistic", replayed(TASK, "logistic", range(100)), 100).to_bytes()


def test_the_champion_is_published_within_half_a_second_and_what_one_resumes_from_every_minute():
    school = School(task_of("hoeffding_tree", ("logistic",)))
    when = {"champion": [], "state/champion": [], "challenger/logistic": []}
    for tick in range(500):
        now = NOW + tick / 8
        for slot in school.learn(verdict(tick), now=now).publish(now):
            when.setdefault(slot, []).append(tick / 8)
    assert all(later - earlier <= 0.5 for earlier, later in zip(when["champion"], when["champion"][1:], strict=False))
    assert len(when["champion"]) > 120
    assert when["challenger/logistic"] == when["state/champion"] == [0, 60]


def test_answers_are_told_once_in_the_snapshot_that_learned_them():
    school = School()
    school.learn(verdict(0)).publish()
    school.learn(verdict(1), verdict(2), now=NOW + 1).publish(NOW + 1)
    assert [len(s.manifest.fresh) for s in school.snapshots() if s.manifest.slot == "champion"] == [1, 2]


def test_replaced_chunks_are_erased():
    school = School()
    for step in range(3):
        school.learn(verdict(step), now=NOW + step).publish(NOW + step)
    erased = {message.key for message in school.models if message.value is None}
    assert {b"champion/1/0", b"champion/2/0"} <= erased
    assert b"champion/3/0" not in erased


def test_a_transaction_that_failed_is_due_again():
    school = School().learn(verdict(0))
    first = school.handler.due(NOW).messages()
    school.handler.aborted()
    assert school.handler.due(NOW).messages() == first


def test_a_task_may_ask_to_publish_after_several_verdicts():
    school = School(task_of(learn={"every": 3}, challengers=()))
    published = [school.learn(verdict(o), now=NOW + o).publish(NOW + o) for o in range(7)]
    both = ["champion", "state/champion"]
    assert published == [["state/champion"], [], ["champion"], [], [], ["champion"], []]
    assert school.publish(NOW + 61) == both


def test_a_restarted_learner_goes_on_where_its_snapshot_ends():
    school = School().learn(*(verdict(o) for o in range(30)))
    school.publish()
    school.learn(*(verdict(o) for o in range(30, 50)))
    school.start()
    assert school.room.first_offset == 30
    school.learn(*(verdict(o) for o in range(30, 60))).publish(NOW + 60)
    last = school.newest("state/champion")
    assert (last.manifest.version, last.manifest.learned) == (60, 60)
    assert scores(last.load()) == scores(replayed(TASK, "logistic", range(60)))


@given(st.lists(st.integers(1, 25), min_size=1, max_size=6), st.lists(st.booleans(), min_size=6, max_size=6))
@settings(max_examples=25, deadline=None)
def test_wherever_it_is_killed_it_ends_as_a_full_replay_would(steps, kills):
    school, now, end = School(), NOW, 0
    for step, killed in zip(steps, kills, strict=False):
        now += 37
        end += step
        school.learn(*(verdict(o) for o in range(school.room.first_offset, end)), now=now)
        if killed:
            school.start()
            continue
        school.publish(now)
    school.learn(*(verdict(o) for o in range(school.room.first_offset, end)), now=now)
    unbroken = School().learn(*(verdict(o) for o in range(end)))
    for ours, theirs in zip(school.room.students, unbroken.room.students, strict=True):
        assert (ours.next_offset, ours.learned, ours.prequential) == (
            theirs.next_offset,
            theirs.learned,
            theirs.prequential,
        )
        assert scores(ours.model) == scores(theirs.model)


def test_a_verdict_that_comes_twice_is_learned_once():
    school = School().learn(verdict(0), verdict(1), verdict(0), verdict(1))
    assert [student.learned for student in school.room.students] == [2, 2]


def test_a_challenger_that_becomes_champion_keeps_what_it_learned():
    school = School().learn(*(verdict(o) for o in range(40)))
    school.publish()
    promoted = School(task_of("hoeffding_tree", ("logistic",)), school.models)
    assert promoted.room.champion.name == "hoeffding_tree"
    assert [student.next_offset for student in promoted.room.students] == [40, 40]


def test_a_new_champion_learns_all_verdicts_before_it_replaces_the_old_one():
    school = School().learn(*(verdict(o) for o in range(40)))
    school.publish()
    changed = School(task_of("gaussian_naive_bayes"), school.models)
    assert changed.room.first_offset == 0
    changed.learn(*(verdict(o) for o in range(40)))
    assert not changed.handler._champion.is_due(NOW)
    assert changed.learn(verdict(40)).publish() == ["champion", "state/champion", "challenger/hoeffding_tree"]


def test_a_model_of_a_task_whose_labels_changed_is_learned_anew():
    school = School().learn(*(verdict(o) for o in range(10)))
    school.publish()
    more = School(task_of(labels=["small", "large", "huge"]), school.models)
    assert more.room.first_offset == 0
    assert set(more.room.champion.model.predict_proba_one({})) == {"small", "large", "huge"}


def test_a_model_that_cannot_be_made_is_told():
    with pytest.raises(UsageError, match="cannot import no_such_package"):
        School(task_of(challengers=("python: no_such_package:build",)))


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (b"{", "json_invalid"),
        (b"[]", "model_type"),
        (encode(decode(Verdict, verdict(1, label="huge").value)), "unknown_label"),
    ],
)
def test_a_verdict_that_nobody_can_learn_becomes_one_dead_letter(value, code):
    school = School().learn(verdict(0), verdict(1)._replace(value=value))
    assert school.publish()[0] == "champion"
    (letter,) = school.written("dead-letters", DeadLetter)
    assert (letter.error.code, letter.source.offset, letter.service, letter.original) == (code, 1, "learner", value)
    school.start()
    school.learn(verdict(1)._replace(value=value), verdict(2)).publish(NOW + 30)
    assert len(school.written("dead-letters", DeadLetter)) == 1
    assert school.room.champion.learned == 2


def test_an_erased_verdict_is_passed_over():
    school = School().learn(verdict(0), verdict(1)._replace(value=None), verdict(2))
    assert (school.room.champion.learned, school.room.champion.next_offset) == (2, 3)


def test_where_labels_are_open_a_new_one_is_learned():
    school = School(task_of(open_labels=True)).learn(verdict(0), verdict(1, label="huge"))
    assert "huge" in school.room.champion.model.predict_proba_one({})


def test_every_verdict_is_predicted_before_it_is_learned():
    school = School().learn(*(verdict(o) for o in range(300)))
    school.handler.due(NOW)
    school.publish(NOW + 2)
    values = school.written("metrics", Metric)[-1].values
    assert 0.8 < values["accuracy"]["logistic"] < 1
    assert values["log_loss"]["logistic"] < math.log(2)
    assert (values["learned"], values["version"]) == (300, 300)


def test_verdicts_not_chosen_by_a_coin_teach_but_do_not_judge():
    school = School().learn(*(verdict(o, reason="disputed") for o in range(3)), verdict(3, reason="seed"))
    champion = school.room.champion
    assert (champion.learned, champion.prequential.weight) == (4, 1.0)
    school.publish()
    assert len(school.newest("champion").manifest.fresh) == 3


def test_rarely_seen_verdicts_count_for_those_not_seen():
    figures = Prequential()
    figures.judge({"a": 0.9, "b": 0.1}, "b", 0.1)
    figures.judge({"a": 0.9, "b": 0.1}, "a", 1.0)
    assert figures.figures()["accuracy"] == pytest.approx(1 / (1 + 10 * FADING))


def test_a_verdict_without_scores_counts_as_wrong():
    figures = Prequential()
    figures.judge(None, "a", 0.0)
    assert figures.figures()["accuracy"] == 0


def test_figures_go_on_through_the_manifest():
    figures = Prequential()
    for propensity in (1.0, 0.3, 0.08):
        figures.judge({"a": 0.7, "b": 0.3}, "a", propensity)
    assert Prequential.from_figures(json.loads(json.dumps(figures.figures()))) == figures


def test_snapshots_that_take_long_to_make_come_less_often():
    publication = Publication(Pace(1, 0.5, 10))
    publication.learned(NOW)
    publication.drafted(NOW)
    publication.published(took_s=2.0)
    publication.learned(NOW + 1)
    assert not publication.is_due(NOW + 9)
    assert publication.is_due(NOW + 10)


def test_a_model_that_cannot_take_a_verdict_passes_it_over_and_counts_it():
    school = School(task_of("python: tests.learner.test_learner_handler:Picky", ()))
    school.learn(*(verdict(o) for o in range(4)))
    champion = school.room.champion
    assert (champion.learned, champion.unlearnable, champion.next_offset) == (4, 4, 4)


class Picky:
    def learn_one(self, x, y):
        raise OverflowError("math range error")

    def predict_proba_one(self, x):
        return {}


def committee_with(*functions):
    return task_of("committee", (), labelling_functions={"file": "rules.py", "names": functions})


def voted(offset, **votes):
    """A verdict on a decision that brought what labelling functions said."""
    about = {"decision_id": f"s/0/{offset}", "reason": "cold", "propensity": 1.0, "look": "review"}
    decision = Decision(**about, function_votes=votes, model_version=-1, policy_version=-1, decided_at=AT)
    return verdict(offset, decision=decision)


def test_a_committee_with_labelling_functions_is_given_out_before_any_verdict():
    school = School(committee_with("big", "red"))
    assert school.publish()[0] == "champion"
    assert school.newest("champion").manifest.version == 0
    assert School(task_of("committee", ())).publish() == []


def test_what_functions_said_travels_to_the_model_with_the_verdict():
    school = School(committee_with("big", "red"))
    for offset in range(60):
        label = decode(Verdict, verdict(offset).value).label
        school.learn(voted(offset, big=label))
    panel = school.room.champion.model.model.functions
    assert panel.verdicts.sum() == 60
    assert panel.counts[0].sum() == np.trace(panel.counts[0]) == 60
    assert panel.counts[1].sum() == 0


def test_seeded_records_bring_what_functions_said_of_them():
    school = School(committee_with("big"))
    school.learn(verdict(0, reason="seed", function_votes={"big": "large"}))
    assert school.room.champion.model.model.functions.counts.sum() == 1


def test_other_models_never_see_what_functions_said():
    task = task_of("committee", ("logistic",), labelling_functions={"file": "rules.py", "names": ("big",)})
    heard, deaf = School(task), School(task)
    for offset in range(20):
        heard.learn(voted(offset, big="small"))
        deaf.learn(verdict(offset))
    assert scores(heard.room.students[1].model) == scores(deaf.room.students[1].model)


def test_after_the_functions_have_changed_the_committee_learns_all_verdicts_anew():
    before = School(committee_with("big"))
    before.learn(*(voted(offset, big="large") for offset in range(5))).publish()
    same, other = School(committee_with("big"), before.models), School(committee_with("big", "new"), before.models)
    assert same.room.first_offset == 5
    assert other.room.first_offset == 0


class TestFormerLabels:
    """A label that was taken out of the task file, or put together with another one."""

    BEFORE = task_of(labels=["small", "large", "vast", "odd"])
    NOW_TWO = task_of(former_labels={"vast": "large", "odd": None})

    def taught(self, task, count=40):
        school = School(task)
        labels = {0: "odd", 1: "vast"}
        for offset in range(count):
            changes = {"label": labels[offset % 10]} if offset % 10 in labels else {}
            school.learn(verdict(offset, **changes))
        return school

    def test_after_a_restart_its_verdicts_count_as_what_became_of_it_or_are_left_out(self):
        before = self.taught(self.BEFORE)
        before.publish()
        after = School(self.NOW_TWO, before.models)
        assert after.room.first_offset == 0
        after.learn(*(verdict(offset, label="odd" if offset % 10 == 0 else "large") for offset in range(40)))
        anew = self.taught(self.NOW_TWO)
        assert tuple(anew.room.champion.model.known) == ("small", "large")
        assert anew.room.champion.learned == 36
        assert anew.room.classroom.offset == 40
        assert anew.written("dead-letters", DeadLetter) == []

    def test_the_gate_starts_afresh_for_it_is_another_model(self):
        before = self.taught(self.BEFORE)
        before.publish()
        after = School(self.NOW_TWO, before.models)
        assert [change.change for change in after.room.classroom.changes] == ["promoted"]
        assert after.room.classroom.changes[0].version == 41
        assert "labels" in after.room.classroom.changes[0].note

    def test_how_many_were_left_out_stands_in_the_figures(self):
        school = self.taught(self.NOW_TWO)
        metrics = school.handler._figures.due(school.room.classroom, NOW + 10)
        assert decode(Metric, metrics[-1].value).values["left_out"] == {"odd": 4.0}

    def test_without_a_word_about_it_a_verdict_on_a_label_that_is_gone_is_a_dead_letter(self):
        school = School(task_of()).learn(verdict(0, label="odd"), verdict(1))
        school.publish()
        assert [letter.error.code for letter in school.written("dead-letters", DeadLetter)] == ["unknown_label"]


class TestSecondLook:
    """Verdicts that look wrong go back to people, where the task says so."""

    TASK = task_of(review={"second_look": 0.5})

    def sure(self, offset, label, said, **changes):
        """A verdict on a request about which the model was sure of another label."""
        about = {"decision_id": f"s/0/{offset}", "reason": "uncertain", "propensity": 1.0, "look": "review"}
        sure = 0.93 if said == label else 0.97
        scores = {label: sure, **dict.fromkeys({"small", "large"} - {label}, 1 - sure)}
        decision = Decision(**about, label=label, scores=scores, model_version=1, policy_version=1, decided_at=AT)
        answers = changes.pop("answers", {"ann": said})
        return verdict(offset, decision=decision, label=said, answers=answers, **changes)

    def doubts(self, *messages, task=TASK):
        school = School(task).learn(*(self.sure(offset, "large", "large") for offset in range(60)))
        school.learn(*messages).publish()
        return school.written("review-responses", ReviewResponse)

    def test_one_that_a_sure_model_contradicts_is_disputed_once(self):
        (doubt,) = self.doubts(self.sure(60, "large", "small"))
        assert (doubt.action, doubt.reviewer, doubt.request_id) == ("dispute", "learner", "s/0/60")
        assert (doubt.record_id, doubt.label, doubt.response_id) == ("r60", "small", "second-look/s/0/60/1")

    def test_where_the_task_does_not_ask_for_it_nobody_is(self):
        assert self.doubts(self.sure(60, "large", "small"), task=task_of()) == []

    @pytest.mark.parametrize("reason", ["audit", "gold", "seed", "disputed", "recalled"])
    def test_what_is_evidence_or_was_picked_out_is_left_alone(self, reason):
        assert self.doubts(self.sure(60, "large", "small", reason=reason)) == []

    def test_what_two_people_said_is_not_doubted(self):
        assert self.doubts(self.sure(60, "large", "small", answers={"ann": "small", "ben": "small"})) == []

    def test_a_restart_says_nothing_again(self):
        before = School(self.TASK).learn(*(self.sure(offset, "large", "large") for offset in range(60)))
        before.learn(self.sure(60, "large", "small")).publish()
        after = School(self.TASK, [m for m in before.models if b"state" not in m.key])
        after.learn(*(self.sure(offset, "large", "large") for offset in range(60)), self.sure(60, "large", "small"))
        after.learn(self.sure(61, "large", "large")).publish()
        assert after.written("review-responses", ReviewResponse) == []
