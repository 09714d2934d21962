import json
import pickle

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.school.classes import Lesson, rivers, room_of

from winnow.core.school import Classroom, KeptVersions, Reign, Student, TrialSet
from winnow.core.school.kept_versions import is_time_to_keep


def changes(room):
    return [(change.change, change.name) for change in room.take_changes()]


def everything(room):
    models = {name: pickle.dumps(student.model) for name, student in room.students.items()}
    return models, room.snapshot(), room.kept.all, list(room.trial), room.deployed[2:]


def restarted(room):
    """From what a learner publishes of it."""
    named = room.reign.named
    students = [
        Student(one.name, pickle.loads(pickle.dumps(one.model)), one.next_offset, one.learned, 0, one.prequential)
        for one in room.students.values()
    ]
    again = Classroom(
        students,
        Reign(named, named, room.students),
        KeptVersions(room.kept.all),
        TrialSet(list(room.trial), room.trial.added),
    )
    again.restore(json.loads(json.dumps(room.snapshot())))
    return again


def test_a_better_challenger_is_promoted_and_the_former_champion_is_kept():
    room = room_of("weak", "strong")
    lesson = Lesson(room).teach(1_500, weak=0.8, strong=0.9)
    assert changes(room) == [("promoted", "strong")]
    assert room.deployed.name == "strong"
    assert room.deployed.version == lesson.offset
    assert room.kept.find(room.reign.since - 1).name == "weak"


def test_a_worse_one_is_not():
    room = room_of("strong", "weak")
    Lesson(room).teach(1_500, weak=0.8, strong=0.9)
    assert changes(room) == []


def test_nor_one_that_fails_where_no_model_learns():
    room = room_of("weak", "strong")
    lesson = Lesson(room).teach(100, use="trial", weak=1.0, strong=0.5)
    assert all(student.learned == 0 for student in room.students.values())
    lesson.teach(1_500, weak=0.8, strong=0.9)
    assert changes(room) == []
    assert room.reign.is_proven("strong")


def test_the_trial_is_tried_again_when_there_are_other_records():
    room = room_of("weak", "strong")
    lesson = Lesson(room).teach(30, use="trial", weak=1.0, strong=0.5).teach(1_000, weak=0.8, strong=0.9)
    lesson.teach(900, use="trial", weak=0.8, strong=0.9).teach(400, weak=0.8, strong=0.9)
    assert changes(room) == [("promoted", "strong")]


def test_an_operator_promotes_whom_they_please():
    room = room_of("strong", "weak")
    lesson = Lesson(room).teach(10, weak=0.8, strong=0.9).command("promote", model="weak")
    assert changes(room) == [("promoted", "weak")]
    assert room.deployed.version == lesson.offset


def test_commands_that_cannot_be_obeyed_are_refused_and_change_nothing():
    room = room_of("strong", "weak")
    lesson = Lesson(room).command("promote", model="strong").command("promote", model="oracle")
    lesson.command("rollback", version=7)
    assert changes(room) == []
    assert room.take_refused() == [
        "promote strong: it is the champion already",
        "promote oracle: the task has no such model",
        "rollback 7: it is not kept, or its model is none of the task's any more",
    ]
    assert room.offset == 3


def test_a_rollback_gives_the_very_same_scores():
    room = rivers()
    lesson = Lesson(room).sizes(200)
    scores = [room.deployed.model.predict_proba_one({"size": size / 7}) for size in range(-20, 20)]
    lesson.sizes(150)
    assert [kept.version for kept in room.kept.all] == [200]
    lesson.command("rollback", version=200)
    assert [room.deployed.model.predict_proba_one({"size": size / 7}) for size in range(-20, 20)] == scores
    assert (room.deployed.version, room.deployed.learned) == (lesson.offset, 200)
    assert [kept.version for kept in room.kept.all] == [200, 350]
    lesson.sizes(1)
    assert room.deployed.learned == 201


def test_a_champion_that_becomes_worse_is_withheld_until_it_has_recovered():
    room = room_of("strong")
    lesson = Lesson(room).teach(200, strong=0.95).teach(20, strong=0.95)
    assert room.deployed.version == 220
    lesson.teach(200, look_at="broken", strong=0.95, broken=0.5)
    assert changes(room) == [("withheld", "strong")]
    assert room.deployed.model.model.field == "strong"
    assert 220 < room.deployed.version < 400
    lesson.teach(600, look_at="strong", strong=0.95, broken=0.5)
    assert changes(room) == [("given_out", "strong")]
    assert room.deployed.version == lesson.offset


def test_a_champion_whose_stream_changes_is_not_withheld_for_that():
    room = room_of("strong")
    Lesson(room).teach(220, strong=0.95).teach(400, strong=0.6)
    assert changes(room) == []


def test_who_joins_later_learns_from_the_beginning_and_is_compared_from_then_on():
    room = room_of("strong", "late")
    room.students["strong"].next_offset = room.offset = 500
    lesson = Lesson(room)
    lesson.offset = 0
    lesson.teach(500, strong=0.9, late=0.9)
    assert (room.students["late"].learned, room.students["strong"].learned) == (500, 0)
    assert room.reign.comparisons["late"].gain.verdicts == 0
    lesson.teach(20, strong=0.9, late=0.9)
    assert room.reign.comparisons["late"].gain.verdicts == 20


@settings(max_examples=8)
@given(st.integers(0, 420), st.booleans())
def test_it_goes_on_after_a_restart_as_if_nothing_had_been(cut, spoiled):
    whole, parted = (Lesson(room_of("weak", "strong")) for _ in range(2))
    for number in range(420):
        if number == cut:
            parted.room = restarted(parted.room)
        look_at = "broken" if spoiled and number > 330 else None
        for lesson in (whole, parted):
            lesson.teach(1, look_at=look_at, weak=0.8, strong=0.9)
    assert everything(parted.room) == everything(whole.room)


def test_a_champion_that_the_task_names_anew_decides_from_the_next_version_on():
    room = room_of("strong", "weak")
    Lesson(room).teach(10, strong=0.9, weak=0.8)
    room.name_another("weak", after=12)
    assert [(change.name, change.version) for change in room.take_changes()] == [("weak", 13)]
    room.name_another("weak", after=12)
    assert changes(room) == []


def test_versions_are_kept_early_then_by_the_thousand_then_by_about_a_hundredth():
    early = [learned for learned in range(1, 4_001) if is_time_to_keep(learned)]
    assert early == [200, 500, 1_000, 2_000, 3_000, 4_000]
    assert is_time_to_keep(999_000)
    assert not is_time_to_keep(10_001_000)
    assert is_time_to_keep(10_100_000)
