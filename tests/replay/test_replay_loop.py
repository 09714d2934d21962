"""The closed loop: what is decided, learned, released and taken back, and that nothing gets lost."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.replay.replay_story import BROKEN, RIGHT, WRONG, Said, Told, lines, task

from winnow.core.risk.coin import coin
from winnow.replay import Conditions, Figures, Replay, TrueRecord
from winnow.runtime.errors import UsageError

SAID = st.builds(
    Said,
    says=st.sampled_from("ab"),
    sure=st.sampled_from([0.5, 0.6, 0.8, 0.95, 0.999, 1.0]),
    truth=st.sampled_from("aaaaab"),
)
STORIES = st.lists(st.one_of(SAID, st.sampled_from([RIGHT, RIGHT, RIGHT, BROKEN])), min_size=1, max_size=40).map(
    lambda pattern: (pattern * 400)[:400]
)
CONDITIONS = st.builds(
    Conditions,
    delay_s=st.sampled_from([0.0, 1.0, 20.0, 90.0]),
    accuracy=st.sampled_from([0.8, 1.0]),
    absence=st.sampled_from([0.0, 0.1]),
    salt=st.text(alphabet="xyz", min_size=1, max_size=3),
)


@settings(max_examples=25, deadline=None)
@given(story=STORIES, conditions=CONDITIONS)
def test_every_record_ends_in_exactly_one_way(story, conditions):
    told = Told(story, conditions=conditions)

    values, records = told.values, [said for said in story if said is not None]
    asked = values["reviews"]["total"]
    assert values["records"] == len(records) == len(told.decisions)
    assert values["dead"] == len(story) - len(records)
    assert values["held"] == 0
    assert asked + values["auto"] == len(records)
    assert values["auto"] == sum(line["released"] for line in told.decisions)
    assert values["recalled"] == sum(line["decision"] == "auto" and not line["released"] for line in told.decisions)
    assert values["audits"] == sum(line["reason"] == "audit" for line in told.decisions)
    assert values["unlabelled"] <= asked


@settings(max_examples=10, deadline=None)
@given(story=STORIES, conditions=CONDITIONS)
def test_the_same_file_gives_the_same_replay(story, conditions):
    first, second = Told(story, conditions=conditions), Told(story, conditions=conditions)

    assert first.decisions == second.decisions
    assert first.values == second.values
    assert first.replay.monitor.snapshot() == second.replay.monitor.snapshot()


@settings(max_examples=10, deadline=None)
@given(story=STORIES, conditions=CONDITIONS)
def test_wrong_labels_are_those_of_the_released_lines(story, conditions):
    told = Told(story, conditions=conditions)

    truth = {f"r{offset}": said.truth for offset, said in enumerate(story) if said is not None}
    released = [line for line in told.decisions if line["released"]]
    assert told.values["auto_errors"] == sum(line["label"] != truth[line["id"]] for line in released)
    assert sum(label["auto"] for label in told.values["labels"].values()) == told.values["auto"]
    stretches = told.course.stretches
    assert sum(stretch.auto for stretch in stretches) == told.values["auto"]
    assert sum(stretch.records for stretch in stretches) == told.values["records"]


def test_a_machine_that_is_always_right_labels_nearly_all():
    told = Told([RIGHT] * 2_000)

    assert told.values["auto"] > 1_500
    assert told.values["auto_errors"] == 0
    assert told.alarms == []
    assert told.values["certificate"]["error_at_most"] < 0.1
    assert told.values["best_fixed_threshold"]["coverage"] > 0.9


def test_a_machine_that_is_always_wrong_labels_nothing():
    told = Told([WRONG] * 600)

    assert told.values["auto"] == 0
    assert told.values["first_auto"] is None
    assert told.values["auto_error"] is None
    assert told.values["best_fixed_threshold"] == {"threshold": None, "coverage": 0.0, "error": None}


def test_a_target_of_zero_labels_nothing():
    told = Told([RIGHT] * 600, of=task(target=0))

    assert told.values["auto"] == 0
    assert told.values["reviews"]["total"] == 600


def test_scores_that_are_no_probabilities_go_to_people():
    told = Told([RIGHT] * 300, of=task(model="python: tests.replay.scripted_model:build_without_numbers"))

    assert told.values["auto"] == 0
    assert told.values["model"]["scored"] == 0
    assert {line["label"] for line in told.decisions} == {None}


def test_errors_that_begin_raise_an_alarm_and_take_labels_back():
    told = Told([RIGHT] * 1_000 + [WRONG] * 400)

    assert told.alarms[0] in {"errors", "ledger"}
    at = told.values["alarms"][0]["at"]
    assert 1_000 < at < 1_400
    assert told.values["recalled"] == told.values["reviews"]["by_reason"]["recalled"] > 0
    assert told.values["auto_errors"] <= told.values["certificate"]["wrong_at_most"]
    assert told.values["violations"] == 0
    assert told.decisions[at + 1]["reason"] == "suspended"


def test_labels_taken_back_beyond_what_people_can_take_stay_unlabelled():
    few = task(review={"recall_max_open": 5})

    told = Told([RIGHT] * 1_000 + [WRONG] * 100, of=few)

    assert told.values["reviews"]["by_reason"]["recalled"] == 5
    assert told.values["unlabelled"] == told.values["recalled"] - 5
    assert told.values["auto"] + told.values["reviews"]["total"] + told.values["unlabelled"] == 1_100


@pytest.mark.parametrize("delay", [0, 1, 7, 40])
def test_the_model_knows_only_answers_that_have_come(delay):
    told = Told([Said("a", 0.5, "b")] * 60, conditions=Conditions(delay_s=delay))

    learned = [max(0, offset + 1 - max(delay, 1)) for offset in range(60)]
    assert [line["model_version"] for line in told.decisions] == [count or -1 for count in learned]


def test_the_first_decisions_are_made_without_a_model_as_with_the_services():
    told = Told([RIGHT] * 30)

    assert {(line["label"], line["reason"]) for line in told.decisions[:20]} == {(None, "cold")}


def test_audits_are_chosen_by_the_coin_of_the_records_place_in_the_file():
    told = Told([RIGHT] * 800, conditions=Conditions(delay_s=20, salt="pepper"))

    above = [(offset, line) for offset, line in enumerate(told.decisions) if line["propensity"] < 1]
    assert above
    for offset, line in above:
        audited = coin("pepper", "replay00", 0, offset) < line["propensity"]
        assert line["decision"] == ("review" if audited else "auto")


def test_requests_that_nobody_answers_leave_records_unlabelled_and_nothing_is_learned():
    told = Told([RIGHT] * 200, conditions=Conditions(delay_s=5, absence=1.0))

    assert told.values["unlabelled"] == 200
    assert told.values["auto"] == 0
    assert told.replay.machine.version == 0


def test_reviewers_who_err_at_random_make_the_machine_look_worse_than_it_is():
    told = Told([RIGHT] * 1_500, conditions=Conditions(delay_s=20, accuracy=0.5))

    assert told.values["auto"] == 0
    assert told.values["model"]["accuracy"] == 1.0


def test_lines_that_are_no_records_leave_no_gap_in_the_evidence():
    story = [RIGHT, BROKEN, RIGHT, RIGHT] * 300

    told = Told(story)

    assert told.alarms == []
    assert told.values["dead"] == 300
    assert told.values["auto"] > 400


def test_the_target_holds_per_label_when_the_task_says_so():
    story = [RIGHT, Said("b", 0.95, "a")] * 600

    told = Told(story, of=task(per_label=True))

    labels = told.values["labels"]
    assert labels["a"]["auto"] > 300
    assert labels["b"]["auto"] == 0


def hourly(count, start=datetime(2024, 1, 1, tzinfo=UTC)):
    for line in lines([RIGHT] * count):
        yield line._replace(record={**line.record, "at": start + timedelta(hours=line.offset)})


def test_answers_can_come_by_the_records_own_time():
    figures = Figures(0.1, "scripted")
    replay = Replay(task(), Conditions(delay_s=2 * 3600.0, clock="events"), [figures])

    replay.run(hourly(600))

    assert 75 <= figures.first_auto < 90
    assert figures.auto > 300
    assert figures.alarms == []


def test_a_record_without_a_time_cannot_be_replayed_by_its_time():
    replay = Replay(task(), Conditions(clock="events"), [])

    with pytest.raises(UsageError, match="line 1: it has no `at`"):
        replay.run([TrueRecord(0, {"features": {"says": "a", "sure": 0.9}}, "a")])


def test_a_time_that_goes_back_does_not_stop_the_replay():
    figures = Figures(0.1, "scripted")
    replay = Replay(task(), Conditions(delay_s=3600.0, clock="events"), [figures])
    back = [*hourly(200), *(line._replace(offset=line.offset + 200) for line in hourly(200))]

    replay.run(back)

    assert figures.alarms == []
    assert figures.records == 400
