"""With labelling functions: what they said was recorded, and decisions come out again from it."""

import json

import pytest
from tests.replay.topics_story import STORY_RECORDS, TASK, KeptTopics, Story, only, told_story

from winnow_schemas.labels import Label
from winnow_schemas.task import FunctionsSpec, ModelSpec


def sized(records):
    """Two labelling functions: one knows the extremes, another one guesses by the colour."""
    said = []
    for record in records:
        size, colour = record["features"]["size"], record["features"]["colour"]
        extreme = {"extreme": "large" if size > 0 else "small"} if abs(size) > 1 else {}
        said.append(extreme | ({"red": "small"} if colour == "red" else {}))
    return said


@pytest.fixture(scope="module")
def told_with_functions():
    functions = FunctionsSpec(file="rules.py", names=("extreme", "red"))
    changes = {"model": ModelSpec(champion="committee", challengers=("logistic",)), "labelling_functions": functions}
    task = TASK.model_copy(update=changes)
    return task, told_story(STORY_RECORDS, task, sized)


def test_with_labelling_functions_every_decision_comes_out_again_from_the_votes_that_were_recorded(told_with_functions):
    task, logs = told_with_functions
    topics = KeptTopics(logs)

    findings = topics.check(task=task)

    assert findings.holds
    assert findings.decisions.equal == findings.decisions.exact == STORY_RECORDS
    labels = [json.loads(message.value) for message in topics.logs["labels"]]
    assert sum("function_votes" in label for label in labels) == sum(label["source"] == "auto" for label in labels) > 50
    verdicts = [json.loads(message.value) for message in topics.logs["verdicts"]]
    assert {"function extreme", "function red"} <= verdicts[-1]["decision"]["votes"].keys()


def test_before_any_verdict_the_functions_suggest_and_nobody_labels_by_them(told_with_functions):
    task, _ = told_with_functions
    story = Story(task, sized)
    story.people_are_there = False
    story.publish()
    for _ in range(30):
        story.record()
    decisions = [json.loads(message.value)["decision"] for message in story.logs["review-requests"]]
    assert {(one["reason"], one["model_version"]) for one in decisions} == {("cold", 0)}
    spoken = [one for one in decisions if one["function_votes"].keys() == {"extreme"}]
    assert len(spoken) > 5
    assert all(one["label"] == one["function_votes"]["extreme"] for one in spoken)
    assert all(one["scores"]["small"] == 0.5 for one in decisions if not one["function_votes"])
    assert KeptTopics(story.logs).check(task=task).holds


def test_records_on_which_all_functions_are_silent_are_asked_first(told_with_functions):
    _, logs = told_with_functions
    requests = [json.loads(message.value) for message in logs["review-requests"]]
    shown = [one for one in requests if not one["blind"]]
    silent = [one["priority"] for one in shown if not one["decision"]["function_votes"]]
    assert min(silent) >= 0.5 >= max(one["priority"] for one in shown if one["decision"]["function_votes"])


def test_a_vote_that_was_changed_afterwards_is_found(told_with_functions):
    task, logs = told_with_functions
    topics = KeptTopics(logs)
    place, label = topics.find("labels", Label, lambda label: label.source == "auto" and label.function_votes)
    topics.put("labels", place, label.model_copy(update={"function_votes": {"extreme": "small", "red": "large"}}))

    assert "scores" in {deviation.field for deviation in only(topics.check(task=task)).deviations}
