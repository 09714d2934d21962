import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.school.classes import TASK, Lesson, Repeats, verdict
from tests.core.school.test_school_classroom import changes, everything

from winnow.core.comparison import Judgement
from winnow.core.models import TaskClassifier
from winnow.core.school import Classroom, KeptVersions, Reign, Search, Student, TrialSet

FOUR = ("worst", "good", "best", "bad")
RIGHT = {"champion": 0.7, "worst": 0.5, "bad": 0.6, "good": 0.8, "best": 0.95}


def said(search, **losses):
    return search.hear({name: Judgement(loss < 0.5, loss) for name, loss in losses.items()}, 1.0)


def student(name):
    return Student(name, TaskClassifier(Repeats(name), TASK.labels))


def room_with(search):
    students = [student(name) for name in ("champion", *search.racing)]
    return Classroom(students, Reign("champion", "champion", ["champion"]), KeptVersions(), TrialSet(), search)


def restarted(room):
    """From what a learner publishes of it."""
    state = json.loads(json.dumps(room.snapshot()))
    search = Search(room.search.candidates, room.search.lessons)
    search.restore(state["search"])
    reign = Reign("champion", "champion", room.compared)
    again = Classroom(list(room.students.values()), reign, KeptVersions(room.kept.all), TrialSet(), search)
    again.restore(state)
    return again


def test_the_worse_half_leaves_after_each_round_and_rounds_grow_longer():
    search = Search(FOUR, lessons=80)
    lengths = []
    while search.racing:
        lengths.append(search.verdicts_left)
        for _ in range(search.verdicts_left):
            halving = said(search, **{name: 1 - RIGHT[name] for name in search.standing})
        assert halving.round == len(lengths)
        assert next(iter(halving.stay)) == "best"
    assert lengths == [10, 20]
    assert search.survivor == "best"
    assert search.left == ["worst", "good", "bad"]


def test_figures_of_a_round_are_log_losses_of_that_round_alone():
    search = Search(FOUR, lessons=16)
    for loss in (0.0, 1.0):
        halving = said(search, worst=1.0, bad=1.0, good=loss, best=0.25)
    assert halving.stay["best"] == pytest.approx(0.25 * 4.605, abs=1e-3)
    assert halving.leave["worst"] == pytest.approx(4.605, abs=1e-3)
    for _ in range(4):
        halving = said(search, good=0.1, best=0.2)
    assert search.survivor == "good"


def test_of_candidates_that_are_alike_those_stay_that_the_task_names_first():
    search = Search(FOUR, lessons=8)
    said(search, worst=0.5, good=0.5, best=0.5, bad=0.5)
    assert search.standing == ["worst", "good"]


def test_verdicts_that_stand_for_many_records_count_for_these():
    search = Search(("common", "rare"), lessons=4)
    search.hear({"common": Judgement(True, 0.1), "rare": Judgement(True, 0.2)}, 1.0)
    search.hear({"common": Judgement(True, 0.2), "rare": Judgement(True, 0.1)}, 5.0)
    assert search.survivor == "rare"


def test_verdicts_that_say_nothing_of_the_stream_cost_lessons_but_judge_nobody():
    search = Search(("first", "second"), lessons=4)
    said(search, first=0.9, second=0.1)
    search.hear({}, 1.0)
    assert search.survivor == "second"


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 32), st.integers(1, 40), st.randoms(use_true_random=False))
def test_a_search_ends_and_never_costs_more_than_its_lessons(count, each, chance):
    names = [f"m{number}" for number in range(count)]
    search = Search(names, each * count * max(1, (count - 1).bit_length()))
    lessons = rounds = 0
    while search.racing:
        before, length = len(search.standing), search.verdicts_left
        lessons += before * length
        for _ in range(length):
            said(search, **{name: chance.random() for name in search.standing})
        assert len(search.standing) == (before + 1) // 2
        rounds += 1
    assert search.survivor in names
    assert lessons <= search.lessons
    assert rounds == search.rounds


@given(st.lists(st.tuples(*[st.floats(0, 1)] * 4), min_size=30, max_size=60), st.integers(0, 29))
def test_a_restart_in_the_middle_changes_nothing(losses, cut):
    whole, parted = Search(FOUR, 80), Search(FOUR, 80)
    for number, row in enumerate(losses):
        if number == cut:
            state = json.loads(json.dumps(parted.snapshot()))
            parted = Search(FOUR, 80)
            assert parted.is_of(state)
            parted.restore(state)
        for search in (whole, parted):
            if search.racing:
                said(search, **{name: row[FOUR.index(name)] for name in search.standing})
    assert parted.snapshot() == whole.snapshot()


def test_a_search_for_something_else_begins_anew():
    state = Search(FOUR, 80).snapshot()
    assert not Search(FOUR, 90).is_of(state)
    assert not Search(FOUR[1:], 80).is_of(state)


def test_the_survivor_is_a_challenger_like_others_and_decides_when_the_test_says_so():
    room = room_with(Search(FOUR, lessons=800))
    needed = room.reign.needed
    lesson = Lesson(room).teach(300, **RIGHT)
    assert list(room.students) == ["champion", "best"]
    assert changes(room) == []
    assert room.reign.comparisons["best"].gain.verdicts == 0
    assert room.reign.needed == needed, "the test reckons with the survivor from the beginning"
    lesson.teach(1_000, **RIGHT)
    assert changes(room) == [("promoted", "best")]
    assert [[*halving.leave] for halving in room.take_halvings()] == [["bad", "worst"], ["good"]]


def test_nobody_promotes_a_candidate_by_hand_while_the_search_goes_on():
    room = room_with(Search(FOUR, lessons=800))
    lesson = Lesson(room).teach(10, **RIGHT).command("promote", model="best")
    assert room.take_refused() == ["promote best: the search is not over; its survivor will be a challenger"]
    lesson.teach(300, **RIGHT).command("promote", model="best")
    assert changes(room) == [("promoted", "best")]
    assert room.reign.comparisons.keys() == {"champion"}


def test_an_operator_may_change_the_champion_in_the_midst_of_a_search():
    room = room_with(Search(FOUR, lessons=800))
    room.students["other"] = student("other")
    Lesson(room).teach(10, other=0.7, **RIGHT).command("promote", model="other").teach(300, other=0.7, **RIGHT)
    assert room.reign.comparisons.keys() == {"champion", "best"}


def test_records_that_are_kept_back_are_no_lesson():
    room = room_with(Search(FOUR, lessons=800))
    Lesson(room).teach(50, use="trial", **RIGHT)
    assert room.search.verdicts_left == 100


def test_a_search_that_comes_later_goes_through_the_verdicts_from_the_beginning():
    room = room_with(Search(FOUR, lessons=800))
    room.students["champion"].next_offset = room.offset = 400
    lesson = Lesson(room)
    lesson.offset = 0
    lesson.teach(400, **RIGHT)
    assert (room.search.survivor, room.students["best"].learned) == ("best", 400)
    assert room.reign.comparisons["best"].gain.verdicts == 0
    lesson.teach(20, **RIGHT)
    assert room.reign.comparisons["best"].gain.verdicts == 20


@pytest.mark.parametrize("cut", [0, 99, 100, 101, 250, 299, 300, 301, 600])
def test_a_classroom_goes_on_after_a_restart_as_if_nothing_had_been(cut):
    whole, parted = (Lesson(room_with(Search(FOUR, lessons=800))) for _ in range(2))
    for number in range(700):
        if number == cut:
            parted.room = restarted(parted.room)
        for lesson in (whole, parted):
            lesson.teach(1, **RIGHT)
    assert everything(parted.room) == everything(whole.room)


def test_verdicts_of_disputes_teach_candidates_and_judge_them_not():
    room = room_with(Search(FOUR, lessons=16))
    chance = random.Random(0)
    for offset in range(2):
        label = chance.choice(TASK.labels)
        room.teach(offset, verdict(label, reason="disputed"), dict.fromkeys(RIGHT, label))
    assert room.search.standing == ["worst", "good"]
    assert room.students["good"].gradebook.grades(TASK.labels, 0.05).verdicts == 0
