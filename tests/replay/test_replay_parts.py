"""What the figures are made of, each against the plain way to compute it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.replay.replay_story import RIGHT, WRONG, Told

from winnow.core.models import build
from winnow.replay import Conditions
from winnow.replay.course import Course
from winnow.replay.fixed_threshold import FixedThresholds
from winnow.replay.people import People
from winnow.replay.study import Plan, Study, spread, with_target
from winnow.replay.watching import Decided
from winnow.replay.worst_window import WorstWindow
from winnow_schemas.decisions import Decision


@given(st.lists(st.booleans(), max_size=60), st.integers(1, 20))
def test_the_worst_window_is_the_worst_of_all_stretches(labels, length):
    window = WorstWindow(length)
    for wrong in labels:
        window.add(wrong=wrong)

    stretches = [labels[at : at + length] for at in range(max(1, len(labels) - length + 1))]
    worst = max(sum(stretch) / len(stretch) for stretch in stretches) if labels else None
    assert window.worst == worst


@given(
    st.lists(st.tuples(st.sampled_from([0.5, 0.6, 0.7, 0.9, 1.0]), st.booleans()), max_size=40),
    st.sampled_from([0.0, 0.05, 0.2, 0.3]),
)
def test_no_fixed_threshold_is_better_than_the_best_one(scored, target):
    kept = FixedThresholds()
    for top, wrong in scored:
        kept.add(top, wrong=wrong)

    best = kept.best(target, max(len(scored), 1))

    tried = [[wrong for top, wrong in scored if top >= threshold] for threshold, _ in scored]
    good = [len(zone) for zone in tried if sum(zone) <= target * len(zone)]
    assert best["coverage"] == max(good, default=0) / max(len(scored), 1)
    if best["error"] is not None:
        assert best["error"] <= target


def decided(offset, look="none"):
    decision = Decision(
        decision_id=str(offset),
        reason="confident",
        propensity=0.1,
        look=look,
        label="a",
        top_probability=0.9,
        model_version=1,
        policy_version=1,
        decided_at="2024-01-01T00:00:00Z",
    )
    return Decided(offset, None, decision, "a")


@given(st.lists(st.sampled_from(["none", "ledger", "extra", "review"]), max_size=200), st.integers(2, 12))
def test_a_course_forgets_no_record_however_long_it_gets(looks, most):
    course = Course(most)
    for offset, look in enumerate(looks):
        course.decided(decided(offset, look))

    assert len(course.stretches) <= most
    assert sum(stretch.auto for stretch in course.stretches) == looks.count("none")
    assert sum(stretch.audits for stretch in course.stretches) == looks.count("ledger") + looks.count("extra")
    assert sum(stretch.reviews for stretch in course.stretches) == looks.count("review")
    assert sum(cell.scored for cell in course.calibration) == len(looks)


def test_people_are_as_often_right_and_away_as_supposed():
    people = People(Conditions(delay_s=1, accuracy=0.9, absence=0.2), ["a", "b", "c"])
    for offset in range(4_000):
        people.ask(decided(offset), "uncertain", {}, 0.0)

    answers = []
    while due := people.due(10.0):
        answers.append(due[1].answer)

    assert answers.count(None) / 4_000 == pytest.approx(0.2, abs=0.03)
    given_answers = [answer for answer in answers if answer is not None]
    assert given_answers.count("a") / len(given_answers) == pytest.approx(0.9, abs=0.03)
    assert given_answers.count("b") == pytest.approx(given_answers.count("c"), abs=60)


def test_answers_come_in_the_order_of_their_times_and_none_before_its_time():
    people = People(Conditions(delay_s=5), ["a", "b"])
    people.ask(decided(1), "uncertain", {}, 2.0)
    people.ask(decided(2), "uncertain", {}, 1.0)

    assert people.due(5.9) is None
    assert people.due(9.0)[1].decided.offset == 2
    assert people.due(9.0)[1].decided.offset == 1


def lines_of(story):
    from tests.replay.replay_story import lines

    return lambda: lines(story)


def test_a_study_tells_mean_and_range_and_keeps_the_first_run_in_front():
    told = Told([RIGHT] * 10)
    story = ([RIGHT] * 9 + [WRONG]) * 60
    study = Study(Plan(with_target(told.task, 0.2), Conditions(delay_s=10), ["x", "y"], [0.3]))

    study.run(lines_of(story), [])

    values = study.as_values()
    own = values["spread"]["runs"]
    assert [run["conditions"]["salt"] for run in own] == ["x", "y"]
    assert values["target"] == 0.2
    assert values["coverage"] == own[0]["coverage"]
    assert values["spread"]["mean"]["coverage"] == pytest.approx((own[0]["coverage"] + own[1]["coverage"]) / 2)
    assert values["spread"]["range"]["coverage"] == sorted(run["coverage"] for run in own)
    assert [each["target"] for each in values["targets"]] == [0.2, 0.3]


def test_a_figure_that_no_run_has_has_no_mean():
    values = Told([WRONG] * 100).values

    assert spread([values])["mean"]["auto_error"] is None
    assert spread([values])["range"]["auto_error"] is None


def test_the_plan_tries_each_target_once():
    plan = Plan(Told([]).task, Conditions(), ["x"], [0.1, 0.2, 0.2])

    assert plan.all_targets == [0.1, 0.2]
    assert [task.target.error for task, _ in plan.runs] == [0.1, 0.2]


def test_the_models_of_the_replays_tasks_can_be_built(request):
    from winnow.runtime.task_file import load_task

    files = sorted((request.path.parent / "tasks").glob("*.yaml"))
    assert len(files) == 6
    for file in files:
        task = load_task(file)
        build(task, task.champion)
