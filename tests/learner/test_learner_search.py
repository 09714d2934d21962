"""A search goes on over restarts; its survivor is published, promoted and gone back to like any other model."""

import pytest
from tests.learner.school import NOW, School, scores, task_of, verdict
from tests.learner.test_learner_promotion import bands, command, decides, reports, taught, told

from winnow.core.models import RecordReader
from winnow.scorer.champion import Champion
from winnow_schemas.codec import decode
from winnow_schemas.model_reports import ModelReport
from winnow_schemas.verdicts import Verdict

GRID = {"logistic": {"learning_rate": [0.00001, 0.01, 0.2]}, "hoeffding_tree": {"grace_period": [20]}}
TREE = "hoeffding_tree[grace_period=20]"
CANDIDATES = (*(f"logistic[learning_rate={rate}]" for rate in ("1e-05", "0.01", "0.2")), TREE)


def task_with(grid=GRID, lessons=400, champion="logistic[learning_rate=0.00002]"):
    model = {"champion": champion, "search": {"models": grid, "lessons": lessons}}
    return task_of(model=model)


def standing(school):
    """Keys of reports that stand on the topic."""
    keys = {message.key.decode(): message.value for message in school.models if message.key.startswith(b"report/")}
    return {key.removeprefix("report/") for key, value in keys.items() if value is not None}


def test_candidates_are_told_of_while_they_are_in_the_race_and_no_longer():
    school = School(task_with())
    taught(school, 0, 40).publish()
    assert standing(school) == {school.task.champion, *CANDIDATES}
    report = reports(school)[f"report/{TREE}"]
    assert (report.role, report.against) == ("challenger", None)
    assert (report.in_search.round, report.in_search.rounds, report.in_search.verdicts_left) == (1, 2, 10)
    taught(school, 40, 60).publish(NOW + 70)
    assert len(standing(school)) == 3
    assert {s.manifest.name for s in school.snapshots(lambda slot: slot.startswith("challenger/"))} == {*CANDIDATES}
    again = School(school.task, school.models)
    assert len(again.room.students) == 3


def test_wherever_it_is_killed_the_search_ends_as_it_would_have():
    school, unbroken = School(task_with()), School(task_with())
    for number, end in enumerate((10, 49, 50, 51, 120, 149, 151, 300)):
        school.learn(*(bands(offset) for offset in range(school.room.first_offset, end)), now=NOW + 70 * number)
        school.publish(NOW + 70 * number)
        school.start()
    taught(unbroken, 0, 300)
    assert [one.name for one in school.room.students] == [one.name for one in unbroken.room.students]
    assert school.room.classroom.snapshot() == unbroken.room.classroom.snapshot()
    for ours, theirs in zip(school.room.students, unbroken.room.students, strict=True):
        assert scores(ours.model) == scores(theirs.model)


def test_the_survivor_decides_with_its_own_settings_and_one_can_go_back_to_it():
    school = School(task_with())
    taught(school, 0, 160).publish()
    survivor = school.room.classroom.search.survivor
    assert survivor == TREE
    school.learn(command(160, "promote", model=survivor)).publish(NOW + 1)
    assert (decides(school).name, decides(school).form) == (survivor, "compiled")
    taught(school, 161, 260, NOW + 70).publish(NOW + 70)
    scorer = Champion(school.task)
    assert scorer.take(school.newest("champion"))
    reader = RecordReader(school.task)
    records = [decode(Verdict, bands(offset).value).record for offset in range(1000, 1040)]
    (found,) = [one for one in school.room.students if one.name == survivor]
    for said, one in zip(scorer.scorer.score_batch(records).table, records, strict=True):
        assert list(said) == pytest.approx(list(found.model.predict_proba_one(reader.read(one).values).values()))
    before = scores(found.model)
    school.learn(command(260, "promote", model=school.task.champion))
    taught(school, 261, 300, NOW + 140)
    school.learn(command(300, "rollback", version=260)).publish(NOW + 210)
    assert (decides(school).name, scores(school.newest("state/champion").load())) == (survivor, before)
    assert school.room.champion.model.model.grace_period == 20


def test_a_survivor_that_the_task_names_goes_on_with_what_it_learned():
    school = School(task_with())
    taught(school, 0, 200).publish()
    survivor = school.room.classroom.search.survivor
    named = School(task_of(champion=survivor, challengers=("logistic",)), school.models)
    assert (named.room.champion.name, named.room.champion.learned) == (survivor, 200)


def test_a_survivor_that_decides_and_is_asked_for_no_more_gives_way_and_the_monitor_hears_of_it():
    school = School(task_with())
    taught(school, 0, 200)
    school.learn(command(200, "promote", model=TREE)).publish(NOW + 70)
    other = School(task_of(champion=school.task.champion, challengers=()), school.models)
    taught(other, 201, 205).publish(NOW + 140)
    assert told(other) == [("promoted", school.task.champion, 202)]
    assert decides(other).name == school.task.champion


def test_a_search_for_something_else_begins_with_the_first_verdict():
    school = School(task_with())
    taught(school, 0, 200).publish()
    other = School(task_with({"logistic": {"l2": [0, 0.1, 0.2, 0.3]}}), school.models)
    assert other.room.first_offset == 0
    taught(other, 0, 210)
    assert other.room.classroom.search.left
    assert other.room.classroom.search.survivor


def test_texts_with_other_settings_travel_in_deltas_too():
    name = "text_naive_bayes[alpha=0.01]"
    school = School(task_of(champion=name, challengers=(), input={"text": True}))
    texts = [verdict(offset, record={"id": f"r{offset}", "text": f"size {offset % 7}"}) for offset in range(40)]
    school.learn(*texts[:20]).publish()
    assert school.learn(*texts[20:]).publish(NOW + 1) == ["delta/40"]
    scorer = Champion(school.task)
    for slot in ("champion", "delta/40"):
        assert scorer.take(school.newest(slot))
    (said,) = scorer.scorer.score_batch([{"text": "size 3"}]).table
    scores_now = school.room.champion.model.predict_proba_one({"text": "size 3"})
    assert list(said) == pytest.approx(list(scores_now.values()))


def test_what_is_told_of_a_candidate_is_a_report_like_others():
    school = School(task_with())
    taught(school, 0, 40).publish()
    assert all(isinstance(report, ModelReport) for report in reports(school).values())
