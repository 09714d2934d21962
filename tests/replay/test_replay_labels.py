"""Labels that join while a task runs, and labels that leave: the whole loop, and its replay."""

import json

import pytest
from tests.replay.topics_story import TASK, KeptTopics, Story

from winnow_schemas.task import ModelSpec, Task


@pytest.mark.parametrize("champion", ["committee", "logistic", "gaussian_naive_bayes"])
def test_a_label_that_a_reviewer_adds_is_a_class_at_once_and_ends_as_the_machines_own_label(champion):
    model = ModelSpec(champion=champion, challengers=())
    story = Story(TASK.model_copy(update={"open_labels": True, "model": model}))
    for _ in range(40):
        story.record()
    story.label_of = lambda size: "huge" if size > 2.5 else "large" if size > 0 else "small"
    for _ in range(380):
        story.record()

    requests = [json.loads(message.value) for message in story.logs["review-requests"]]
    verdicts = [json.loads(message.value) for message in story.logs["verdicts"]]
    first = next(place for place, verdict in enumerate(verdicts) if verdict["label"] == "huge")
    after = [request["decision"] for request in requests if request["decision"]["model_version"] > first]
    assert all("huge" in decision["scores"] for decision in after)
    assert not any("huge" in request["decision"].get("scores", {}) for request in requests[:first])
    policies = [json.loads(message.value) for message in story.logs["policies"]]
    assert any("huge" in policy["thresholds"] for policy in policies)
    labels = [json.loads(message.value) for message in story.logs["labels"]]
    if champion != "logistic":  # a line does not tell huge from large
        assert sum(label["source"] == "auto" and label["label"] == "huge" for label in labels) >= 1
    assert KeptTopics(story.logs).check(task=story.task).holds


@pytest.mark.parametrize(
    ("former", "why"),
    [
        ({"small": "large"}, "small is one of the labels"),
        ({"tiny": "little"}, "one of the labels is wanted, or null"),
    ],
)
def test_what_became_of_a_label_must_be_one_of_the_labels(former, why):
    with pytest.raises(ValueError, match=why):
        Task.model_validate({**TASK.model_dump(), "former_labels": former})
