"""What labelling functions said of records, on its way into the committee."""

import numpy as np
from tests.learner.school import AT, School, scores, task_of, verdict

from winnow_schemas.codec import decode
from winnow_schemas.decisions import Decision
from winnow_schemas.verdicts import Verdict


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
