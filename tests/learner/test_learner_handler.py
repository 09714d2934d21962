"""The learner's logic without a broker: verdicts in, snapshots out."""

import json
import math
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.learner.school import AT, NOW, TASK, School, replayed, scores, task_of, verdict

from winnow.core.compiled import compile_model
from winnow.core.school.prequential import FADING, Prequential
from winnow.learner.publication import Pace, Publication
from winnow.runtime.errors import UsageError
from winnow_schemas.codec import decode, encode
from winnow_schemas.dead_letters import DeadLetter
from winnow_schemas.metrics import Metric
from winnow_schemas.verdicts import Verdict


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
