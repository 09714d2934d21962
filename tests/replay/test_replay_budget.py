"""A task with a budget, in the replay of a file and made again from the topics of a run."""

from collections import Counter
from itertools import pairwise

import pytest
from tests.replay.replay_story import RIGHT, Said, Told, task
from tests.replay.topics_story import BROKEN, TASK, KeptTopics, Story

from winnow.core.risk.coin import coins
from winnow_schemas.codec import decode
from winnow_schemas.evidence import Counts
from winnow_schemas.labels import Label
from winnow_schemas.task import Task
from winnow_schemas.unlabelled import Unlabelled

SHARE = 0.2
BUDGETED = Task.model_validate({**TASK.model_dump(), "budget": {"share": SHARE}})
RECORDS = 700


def most_in_a_window(asked):
    sums = [0]
    for each in asked:
        sums.append(sums[-1] + each)
    return max(sums[end] - sums[max(0, end - 1_000)] for end in range(len(sums)))


@pytest.fixture(scope="module")
def told():
    doubt = coins("doubt", "stream01", 0, range(4_000)).tolist()
    story = [RIGHT if toss < 0.8 else Said("a", 0.5 + 0.3 * toss, "b" if toss < 0.9 else "a") for toss in doubt]
    return Told(story, task(budget={"share": SHARE}))


def test_every_record_has_an_outcome_and_people_are_asked_no_more_than_the_budget(told):
    outcomes = Counter(decision["decision"] for decision in told.decisions)
    assert outcomes.total() == 4_000
    assert set(outcomes) == {"auto", "review", "unlabelled"}
    assert outcomes["unlabelled"] == told.values["left_by_budget"]
    asked = [decision["decision"] == "review" for decision in told.decisions]
    assert sum(asked) / 4_000 >= SHARE / 2
    assert most_in_a_window(asked) <= 1_000 * SHARE


def test_what_is_left_names_its_reason_and_its_chance(told):
    left = [decision for decision in told.decisions if decision["decision"] == "unlabelled"]
    assert {decision["reason"] for decision in left} == {"budget"}
    assert all(decision["propensity"] == 0 or decision["propensity"] >= 0.05 for decision in left)


def test_the_machine_labels_beside_a_budget_and_keeps_its_promise(told):
    assert told.values["auto"] > 1_000
    assert told.values["violations"] == 0


def test_without_a_budget_nothing_is_left(told):
    free = Told(told.story[:500], task())
    assert free.values["left_by_budget"] == 0


def budgeted_story(restarts):
    """People answer at once; the scorer is another one after some records, with its note or without."""
    story = Story(BUDGETED)
    for number in range(RECORDS):
        if number == RECORDS // 3:
            story.record(BROKEN)
        if number in restarts:
            story.another_scorer(has_note=restarts[number])
        story.record()
    return story.logs


@pytest.fixture(scope="module")
def logs():
    return budgeted_story({150: True, 400: True})


def test_every_decision_within_a_budget_comes_out_again(logs):
    findings = KeptTopics(logs).check(task=BUDGETED)
    assert findings.holds
    assert findings.decisions.equal == RECORDS
    assert findings.not_recomputable.total() == findings.without_decision == 0
    assert len(logs["unlabelled"]) > 100


def test_a_restart_decides_as_if_there_had_been_none(logs):
    def told_of(some):
        return [(message.key, decode(Unlabelled, message.value).decision.propensity) for message in some["unlabelled"]]

    assert told_of(budgeted_story({})) == told_of(logs)


def test_a_scorer_without_its_note_asks_nobody_until_it_knows_and_says_so():
    logs = budgeted_story({300: False})
    counts = [decode(Counts, message.value) for message in logs["evidence"] if b'"counts"' in message.value]
    resumed = [each.first for each in counts if each.resumed is not None]
    assert resumed == [0, 301]
    assert not [message for message in logs["review-requests"] if int(message.key[1:]) > 302]
    findings = KeptTopics(logs).check(task=BUDGETED)
    assert findings.holds
    assert findings.decisions.equal == RECORDS


def test_what_was_asked_before_a_decision_that_nothing_tells_of_is_not_guessed(logs):
    topics = KeptTopics(logs)
    _, label = topics.find("labels", Label, lambda said: said.source == "auto" and int(said.record_id[1:]) > 250)
    compacted = int(label.record_id[1:])
    topics.drop("labels", lambda message: message.key == b"r%d" % compacted)
    findings = topics.check(task=BUDGETED)
    unknown = findings.not_recomputable["nothing tells what its partition had asked before it"]
    assert (findings.decisions.different, findings.without_decision) == (0, 1)
    assert unknown == 400 - compacted, "from there on counts say what the scorer went on with"
    assert findings.decisions.equal == RECORDS - unknown - 1


def test_a_forged_propensity_is_found(logs):
    topics = KeptTopics(logs)
    place, left = topics.find("unlabelled", Unlabelled, lambda said: said.decision.scores is not None)
    decision = left.decision.model_copy(update={"propensity": 0.9})
    topics.put("unlabelled", place, left.model_copy(update={"decision": decision}))
    findings = topics.check(task=BUDGETED)
    assert [each.field for each in findings.decisions.differences[0].deviations] == ["propensity"]


def test_counts_of_a_run_say_what_was_left(logs):
    counts = [decode(Counts, message.value) for message in logs["evidence"] if b'"counts"' in message.value]
    assert sum(each.unlabelled for each in counts) == len(logs["unlabelled"])
    assert all(one.end <= other.first for one, other in pairwise(counts))
    assert sum(each.reasons.get("budget", 0) for each in counts) == len(logs["unlabelled"])
