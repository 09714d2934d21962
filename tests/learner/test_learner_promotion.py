"""The better model decides from the next version on, whatever is on its way, and one can go back exactly."""

import random

from tests.learner.school import AT, NOW, TOPICS, School, scores, task_of, verdict

from winnow.core.models import build
from winnow.runtime.messages import Incoming
from winnow.runtime.snapshot_slots import is_kept
from winnow.scorer.champion import Champion
from winnow_schemas.codec import decode, encode
from winnow_schemas.evidence import Evidence
from winnow_schemas.model_reports import ModelReport
from winnow_schemas.verdicts import ModelCommand

BETTER_TREE = task_of("logistic", ("hoeffding_tree",))


def bands(offset, **more):
    """Large when far from zero: a line cannot tell it, a tree can."""
    size = random.Random(offset).gauss(0, 1)
    record = {"id": f"r{offset}", "features": {"size": size, "colour": "red"}}
    return verdict(offset, record=record, label="large" if abs(size) > 0.7 else "small", **more)


def command(offset, action, **more):
    said = ModelCommand(command_id=f"c{offset}", action=action, operator="duty-desk", at=AT, **more)
    return Incoming(TOPICS["verdicts"], 0, offset, b"command/c", encode(said), NOW)


def taught(school, first, end, now=NOW):
    return school.learn(*(bands(offset) for offset in range(first, end)), now=now)


def told(school):
    """Evidence about the model that decides."""
    return [(said.change, said.name, said.model_version) for said in school.written("evidence", Evidence)]


def reports(school):
    found = [message for message in school.models if message.key.startswith(b"report/")]
    return {message.key.decode(): decode(ModelReport, message.value) for message in found}


def decides(school):
    return school.newest("champion").manifest


def test_a_better_challenger_takes_over_with_the_evidence_in_one_transaction():
    school = School(BETTER_TREE)
    taught(school, 0, 50).publish()
    taught(school, 50, 1_500)
    issue = school.handler.due(NOW + 1)
    topics = [message.topic for message in issue.messages()]
    assert TOPICS["evidence"] in topics
    assert TOPICS["models"] in topics
    school.handler.aborted()
    school.publish(NOW + 70)
    (since,) = [version for change, name, version in told(school) if (change, name) == ("promoted", "hoeffding_tree")]
    assert 50 < since <= 1_500
    assert (decides(school).name, decides(school).version) == ("hoeffding_tree", 1_500)
    assert school.newest("challenger/logistic").manifest.name == "logistic"


def test_a_promotion_while_a_snapshot_is_on_its_way_goes_out_with_the_next():
    school = School(BETTER_TREE)
    taught(school, 0, 50)
    under_way = school.handler.due(NOW)
    school.learn(command(50, "promote", model="hoeffding_tree"))
    for message in under_way.messages():
        if message.topic == TOPICS["models"]:
            school.models.append(Incoming(message.topic, 0, len(school.models), message.key, message.value, NOW))
    school.handler.committed()
    assert (decides(school).name, decides(school).version) == ("logistic", 50)
    school.publish(NOW + 1)
    assert (decides(school).name, decides(school).version) == ("hoeffding_tree", 51)
    assert told(school) == [("promoted", "hoeffding_tree", 51)]


def test_after_a_restart_the_promoted_one_decides_and_the_evidence_may_be_told_again_but_says_the_same():
    school = School(BETTER_TREE)
    taught(school, 0, 30).publish()
    school.learn(command(30, "promote", model="hoeffding_tree")).publish(NOW + 1)
    school.start()
    assert school.room.champion.name == "logistic"  # its states are older: it comes to the command again
    school.learn(command(30, "promote", model="hoeffding_tree"))
    taught(school, 31, 40).publish(NOW + 70)
    assert (decides(school).name, decides(school).version) == ("hoeffding_tree", 40)
    assert set(told(school)) == {("promoted", "hoeffding_tree", 31)}
    school.start()
    assert school.room.champion.name == "hoeffding_tree"
    assert school.room.first_offset == 40


def test_a_rollback_gives_scorers_the_very_same_scores_again():
    school = School(task_of("logistic", ()))
    taught(school, 0, 200).publish()
    before = scores(school.newest("state/champion").load())
    taught(school, 200, 420, NOW + 70).publish(NOW + 70)
    assert [s.manifest.slot for s in school.snapshots(is_kept)] == ["kept/200"]
    school.start()
    school.learn(command(420, "rollback", version=200)).publish(NOW + 140)
    assert scores(school.newest("state/champion").load()) == before
    scorer = Champion(school.task)
    assert scorer.take(school.newest("champion"))
    assert scorer.scorer.version == 421
    assert told(school) == [("rolled_back", "logistic", 421)]
    assert {s.manifest.slot for s in school.snapshots(is_kept)} == {"kept/200", "kept/420"}


def test_a_refused_command_is_passed_over():
    school = School(BETTER_TREE)
    taught(school, 0, 10)
    school.learn(command(10, "rollback", version=3), command(11, "promote", model="oracle"))
    assert school.room.first_offset == 12
    assert told(school) == []


def test_by_hand_only_an_order_gives_out_what_was_learned():
    school = School(task_of("logistic", (), learn={"every": "by_hand"}))
    assert taught(school, 0, 100).publish() == ["state/champion"]
    assert taught(school, 100, 150).publish(NOW + 30) == []
    school.learn(command(150, "train"))
    assert school.publish(NOW + 31) == ["champion"]
    assert decides(school).version == 151


def test_records_that_are_kept_back_are_learned_by_none_and_every_model_is_tried_on_them():
    school = School(BETTER_TREE)
    school.learn(*(bands(offset, reason="seed", use="trial") for offset in range(20)))
    taught(school, 20, 80).publish()
    assert [student.learned for student in school.room.students] == [60, 60]
    assert {name: told.trial.verdicts for name, told in reports(school).items()} == {
        "report/logistic": 20,
        "report/hoeffding_tree": 20,
    }
    school.start()
    assert len(school.room.classroom.trial) == 20


def test_the_report_says_who_decides_and_how_the_challengers_compare():
    school = School(BETTER_TREE)
    taught(school, 0, 90).publish()
    champion, challenger = reports(school)["report/logistic"], reports(school)["report/hoeffding_tree"]
    assert (champion.role, champion.version, champion.live.verdicts, champion.against) == ("champion", 90, 90, None)
    assert challenger.role == "challenger"
    assert (challenger.against.champion, challenger.against.verdicts) == ("logistic", 90)
    assert challenger.against.needed == 20.0


def test_a_champion_that_the_task_names_anew_is_told_to_the_monitor():
    school = School(BETTER_TREE)
    taught(school, 0, 40).publish()
    other = School(task_of("hoeffding_tree", ("logistic",)), school.models)
    taught(other, 40, 60).publish(NOW + 1)
    assert told(other) == [("promoted", "hoeffding_tree", 41)]
    assert decides(other).name == "hoeffding_tree"
    unknown = School(task_of("gaussian_naive_bayes", ()), school.models)
    taught(unknown, 0, 60).publish(NOW + 1)
    assert told(unknown) == [("promoted", "gaussian_naive_bayes", 41)]


class Trained:
    """A model that was trained elsewhere."""

    def learn_one(self, x, y):
        """Learns nothing more."""

    def predict_proba_one(self, x):
        return {"large": 0.9, "small": 0.1}


def trained():
    return Trained()


def test_a_model_that_was_trained_elsewhere_is_asked_from_the_first_record_on():
    school = School(task_of("python: tests.learner.test_learner_promotion:trained", ()))
    assert school.publish() == ["champion"]
    assert decides(school).version == 0
    assert school.newest("champion").load().predict_proba_one({}) == {"small": 0.1, "large": 0.9}
    school.start()
    assert school.publish(NOW + 1) == []


def test_a_river_model_of_ones_own_that_has_learned_nothing_finds_all_labels_alike():
    model = build(task_of("python: river.naive_bayes:GaussianNB", ()), "python: river.naive_bayes:GaussianNB")
    assert model.predict_proba_one({"size": 1.0}) == {"small": 0.5, "large": 0.5}
