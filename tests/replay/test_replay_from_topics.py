"""A replay of a live run's topics: what was decided comes out again, and whatever was changed is found."""

import json
from base64 import b64encode

import pytest
from tests.replay.topics_story import TASK, KeptTopics, Story, told_story

from winnow.runtime.errors import UsageError
from winnow.runtime.model_keys import parse_model_keys
from winnow_schemas.certificates import Certificate
from winnow_schemas.dead_letters import DeadLetter
from winnow_schemas.labels import Label
from winnow_schemas.policies import Policy
from winnow_schemas.review_requests import ReviewRequest
from winnow_schemas.task import FunctionsSpec, ModelSpec
from winnow_schemas.verdicts import Verdict

RECORDS = 420


@pytest.fixture(scope="module")
def logs():
    return told_story(RECORDS)


@pytest.fixture
def topics(logs):
    return KeptTopics(logs)


def auto(label):
    return label.source == "auto"


def scored(request):
    return request.decision.scores is not None


def audited(request):
    return request.decision.look == "ledger"


def only(findings):
    """The one difference of all decisions."""
    assert not findings.holds
    assert findings.decisions.different == 1
    return findings.decisions.differences[0]


def test_every_decision_and_statement_of_a_run_comes_out_again_to_the_last_bit(topics):
    findings = topics.check()

    assert findings.holds
    assert findings.decisions.equal == findings.decisions.exact == RECORDS
    assert findings.not_recomputable.total() == findings.without_decision == 0
    assert findings.dead_letters.equal == 1
    assert findings.records == RECORDS + 1
    assert findings.ways["none"] >= 1
    assert findings.ways["verdicts"] > RECORDS / 2
    assert findings.ways["snapshot"] >= 5
    assert findings.repetitions == len(topics.logs["verdicts"])
    assert findings.statements_left_out is None
    assert findings.told["policies"] == len(topics.logs["policies"]) > 50
    assert findings.told["certificates"] == len(topics.logs["certificates"]) > 1
    assert findings.statements.equal == findings.told.total()


def test_a_committee_decides_again_with_its_votes_and_the_gate_pools_them_again():
    task = TASK.model_copy(update={"model": ModelSpec(champion="committee")})
    topics = KeptTopics(told_story(RECORDS, task))

    findings = topics.check(task=task)

    assert findings.holds
    assert findings.decisions.equal == findings.decisions.exact == RECORDS
    assert findings.statements.equal == findings.told.total()
    evidence = [json.loads(message.value) for message in topics.logs["evidence"]]
    assert sum("pooling" in said for said in evidence) > 50
    assert sum("votes" in said for said in evidence) > 100
    labels = [json.loads(message.value) for message in topics.logs["labels"]]
    assert sum(label["source"] == "auto" for label in labels) > 50


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
    return task, told_story(RECORDS, task, sized)


def test_with_labelling_functions_every_decision_comes_out_again_from_the_votes_that_were_recorded(told_with_functions):
    task, logs = told_with_functions
    topics = KeptTopics(logs)

    findings = topics.check(task=task)

    assert findings.holds
    assert findings.decisions.equal == findings.decisions.exact == RECORDS
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


def test_the_story_has_what_it_promises(topics):
    labels = [json.loads(message.value) for message in topics.logs["labels"]]
    requests = [json.loads(message.value) for message in topics.logs["review-requests"]]
    assert sum(label["source"] == "auto" for label in labels) > 50
    assert {request["reason"] for request in requests} >= {"cold", "uncertain", "audit", "stale"}
    assert {request["decision"]["look"] for request in requests} == {"review", "extra", "ledger"}


@pytest.mark.parametrize(
    "change",
    [
        {"label": "small"},
        {"label": "large"},
        {"confidence": 0.5},
        {"scores": {"small": 0.5, "large": 0.5}},
        {"scores": None},
        {"propensity": 0.5},
        {"threshold": 0.5},
        {"epoch": 7},
        {"model_version": 60},
        {"policy_version": 1},
        {"record_id": "another"},
        {"group": "g"},
    ],
    ids=str,
)
def test_a_label_that_was_changed_in_one_field_is_found(change, topics):
    (field,) = change
    place, label = topics.find("labels", Label, lambda one: auto(one) and getattr(one, field) != change[field])
    topics.put("labels", place, label.model_copy(update=change))

    findings = topics.check()

    difference = only(findings)
    assert difference.what == label.decision_id
    assert difference.where.startswith("labels")
    if field != "model_version":
        assert [deviation.field for deviation in difference.deviations] == [field]


@pytest.mark.parametrize(
    "change",
    [
        {"reason": "novel"},
        {"look": "extra"},
        {"label": "neither"},
        {"propensity": 0.5},
        {"threshold": 0.123},
        {"audit_rate": 0.5},
        {"ledger_rate": 0.5},
        {"epoch": 7},
        {"top_probability": 0.4},
        {"confidence": 0.01},
        {"scores": {"small": 0.25, "large": 0.75}},
    ],
    ids=str,
)
def test_a_request_whose_decision_was_changed_in_one_field_is_found(change, topics):
    place, request = topics.find("review-requests", ReviewRequest, audited)
    topics.drop("verdicts", lambda message: message.key.startswith(f"{request.request_id}@".encode()))
    decision = request.decision.model_copy(update=change)
    topics.put("review-requests", place, request.model_copy(update={"decision": decision}))

    difference = only_about(topics.check(), request.request_id)

    assert [deviation.field for deviation in difference.deviations] == list(change)
    assert difference.deviations[0].recorded == next(iter(change.values()))


def only_about(findings, decision_id):
    """The difference of one decision; that a verdict is missing shows elsewhere too."""
    return next(one for one in findings.decisions.differences if one.what == decision_id)


@pytest.mark.parametrize("change", [{"blind": None}, {"priority": 0.123}, {"suggestion": "neither"}], ids=str)
def test_how_a_request_is_shown_is_part_of_the_coin(change, topics):
    place, request = topics.find("review-requests", ReviewRequest, scored)
    (field, value) = next(iter(change.items()))
    changed = not request.blind if field == "blind" else value
    topics.put("review-requests", place, request.model_copy(update={field: changed}))

    assert [deviation.field for deviation in only(topics.check()).deviations] == [field]


def test_a_blind_request_that_shows_scores_is_found(topics):
    place, request = topics.find("review-requests", ReviewRequest, audited)
    topics.put("review-requests", place, request.model_copy(update={"scores": request.decision.scores}))

    assert [deviation.field for deviation in only(topics.check()).deviations] == ["scores shown"]


def test_a_verdict_that_repeats_a_decision_otherwise_is_found(topics):
    place, verdict = topics.find("verdicts", Verdict, lambda one: one.decision.look == "ledger")
    changed = verdict.decision.model_copy(update={"ledger_rate": 0.5})
    topics.put("verdicts", place, verdict.model_copy(update={"decision": changed}))

    difference = only(topics.check())

    assert difference.where.startswith("verdicts")
    assert [deviation.field for deviation in difference.deviations] == ["ledger_rate"]


def test_a_record_that_is_another_now_is_found(topics):
    _, request = topics.find("review-requests", ReviewRequest, scored)
    offset = int(request.request_id.split("/")[2])
    record = {"id": f"r{offset}", "features": {"size": 99.0, "colour": "red"}}
    topics.put("records", offset, json.dumps(record).encode())

    fields = [deviation.field for deviation in only(topics.check()).deviations]

    assert "record" in fields
    assert "scores" in fields


def test_a_record_that_is_gone_is_read_from_its_request_but_a_label_has_none(topics):
    autos = sum(b'"source":"auto"' in message.value for message in topics.logs["labels"])
    topics.logs["records"] = []

    findings = topics.check()

    assert findings.holds
    assert findings.decisions.equal == RECORDS - autos
    assert findings.not_recomputable == {"its record is not kept any more": autos}
    assert findings.dead_letters.equal == 1


def test_another_salt_makes_other_audits(topics):
    findings = topics.check(salt="another salt, but of the same name")

    assert findings.decisions.different > 10
    fields = {deviation.field for one in findings.decisions.differences for deviation in one.deviations}
    assert {"look", "blind"} & fields


def test_a_salt_of_another_name_is_refused(topics):
    with pytest.raises(UsageError, match="the policies were made for the salt 5a17"):
        topics.check(salt_id="0000")


def test_a_record_decided_twice_is_found(topics):
    _, label = topics.find("labels", Label, auto)
    topics.logs["labels"].append(topics.logs["labels"][0]._replace(value=label.model_dump_json().encode()))

    assert only(topics.check()).deviations[0].recorded == "auto and auto"


def test_a_dead_letter_about_a_good_record_is_found(topics):
    place, letter = topics.find("dead-letters", DeadLetter, lambda _: True)
    good = topics.logs["records"][0].value
    topics.put("records", letter.source.offset, good)
    raw = json.loads(topics.logs["dead-letters"][place].value)
    raw["original"] = b64encode(good).decode()
    topics.put("dead-letters", place, json.dumps(raw).encode())

    findings = topics.check()

    assert findings.dead_letters.different == 1
    assert findings.dead_letters.differences[0].deviations[0].recorded == "dead letter"


def test_a_label_for_a_broken_record_is_found(topics):
    _, label = topics.find("labels", Label, auto)
    topics.put("records", int(label.decision_id.split("/")[2]), b"{")

    assert only(topics.check()).deviations[0].recomputed.startswith("dead letter")


def test_records_that_wait_are_counted_and_nothing_more(topics):
    last = topics.logs["records"][-1]
    topics.logs["records"].append(last._replace(offset=last.offset + 1))

    findings = topics.check()

    assert findings.holds
    assert findings.without_decision == 1


def test_without_verdicts_the_standing_snapshot_is_all_there_is(topics):
    newest = topics.check().ways["snapshot"]
    topics.logs["verdicts"] = []

    findings = topics.check()

    assert findings.holds
    assert findings.ways["snapshot"] == newest
    assert findings.not_recomputable["its model is neither on models nor do verdicts make it"] > RECORDS / 2


def test_without_keys_the_verdicts_make_every_model(topics):
    findings = topics.check(keys=None)

    assert findings.holds
    assert findings.ways["snapshot"] == 0
    assert findings.decisions.exact == RECORDS


def test_keys_that_did_not_sign_are_refused(topics):
    with pytest.raises(UsageError, match="signed with a key"):
        topics.check(keys=parse_model_keys("two:" + "22" * 32))


def test_a_verdict_that_taught_something_else_changes_all_later_decisions(topics):
    place, verdict = topics.find("verdicts", Verdict, lambda one: one.reason == "uncertain")
    other = "small" if verdict.label == "large" else "large"
    topics.put("verdicts", place, verdict.model_copy(update={"label": other}))

    findings = topics.check(kept=3)

    assert findings.decisions.different > 100
    assert len(findings.decisions.differences) == 3
    assert all("model from" in one.where for one in findings.decisions.differences)


def test_after_an_erasure_later_models_cannot_be_made_again(topics):
    place, _ = topics.find("verdicts", Verdict, lambda one: one.reason == "uncertain")
    erased = topics.logs["verdicts"][place]
    end = topics.logs["verdicts"][-1].offset + 1
    topics.drop("verdicts", lambda message: message is erased)
    topics.logs["verdicts"].append(erased._replace(offset=end, value=None))

    findings = topics.check(keys=None)

    assert findings.holds
    assert findings.not_recomputable["a verdict that its model had learned was erased"] > 100


def test_a_policy_that_was_changed_is_found_twice(topics):
    place, policy = topics.find("policies", Policy, lambda one: bool(one.thresholds))
    assert topics.logs["policies"][place].key.startswith(b"version/")
    topics.put("policies", place, policy.model_copy(update={"thresholds": {"small": 0.999, "large": 0.999}}))

    findings = topics.check()

    assert findings.statements.different == 1
    (difference,) = findings.statements.differences
    assert difference.what == f"version/{policy.version}, caused by evidence {policy.version}"
    assert [deviation.field for deviation in difference.deviations] == ["thresholds"]


def test_a_version_that_is_missing_is_found(topics):
    _, policy = topics.find("policies", Policy, lambda one: bool(one.thresholds))
    topics.drop("policies", lambda message: b'"version":%d,' % policy.version in message.value)

    findings = topics.check()

    assert findings.statements.different == 1
    assert findings.statements.differences[0].deviations[0].recorded == "does not stand on the topic"


def test_a_certificate_that_claims_more_is_found(topics):
    place, certificate = topics.find("certificates", Certificate, lambda one: one.labels > 0)
    topics.put("certificates", place, certificate.model_copy(update={"wrong_at_most": 0.0}))

    (difference,) = topics.check().statements.differences

    assert difference.where == "certificates"
    assert difference.deviations[0].field == "wrong_at_most"


def test_a_policy_that_no_evidence_caused_is_found(topics):
    topics.logs["policies"].append(topics.logs["policies"][-1]._replace(headers=()))

    (difference,) = topics.check().statements.differences

    assert difference.what == "current, without a cause"


def test_where_evidence_has_no_beginning_any_more_what_the_monitor_said_is_left_out(topics):
    topics.first_offsets["evidence"] = 5

    findings = topics.check()

    assert findings.holds
    assert findings.statements_left_out == "evidence begins at 5: retention has eaten its beginning"
    assert findings.decisions.equal == RECORDS


def test_renewals_that_are_compacted_away_come_from_the_evidence(topics):
    compact(topics)

    findings = topics.check()

    assert findings.holds
    assert findings.decisions.equal == RECORDS


def test_a_version_that_is_gone_with_the_evidence_leaves_its_decisions_alone(topics):
    _, label = topics.find("labels", Label, auto)
    topics.drop("policies", lambda message: b'"version":%d,' % label.policy_version in message.value)
    topics.first_offsets["evidence"] = 5

    findings = topics.check()

    assert findings.holds
    assert findings.not_recomputable["its policy is not on policies"] > 0


def test_without_evidence_too_nobody_knows_whether_an_old_policy_was_valid(topics):
    compact(topics)
    topics.first_offsets["evidence"] = 5

    findings = topics.check()

    assert findings.holds
    missing = findings.not_recomputable["nothing tells any more whether its policy was valid"]
    assert missing + findings.decisions.equal == RECORDS


def compact(topics):
    """Only versions and the newest renewal are left."""
    last = topics.logs["policies"][-1]
    topics.drop("policies", lambda message: message.key == b"current" and message is not last)


def test_a_decision_under_a_policy_that_had_lapsed_is_found(topics):
    place, request = topics.find("review-requests", ReviewRequest, lambda one: one.reason == "stale")
    topics.drop("verdicts", lambda message: message.key.startswith(f"{request.request_id}@".encode()))
    decision = request.decision.model_copy(update={"reason": "uncertain"})
    topics.put("review-requests", place, request.model_copy(update={"reason": "uncertain", "decision": decision}))

    difference = only_about(topics.check(keys=None), request.request_id)

    assert ("reason", "uncertain", "stale") in difference.deviations


def test_decisions_about_a_records_topic_that_was_made_anew_are_told_apart(topics):
    findings = topics.check(stream="another1")

    assert findings.holds
    assert findings.not_recomputable == {"it is about a records topic that was made anew since": RECORDS}


def test_what_breaks_its_contract_is_told(topics):
    topics.put("labels", 0, b"{}")

    findings = topics.check()

    assert not findings.holds
    assert findings.unreadable == 1


def test_findings_are_plain_values_for_programs(topics):
    place, request = topics.find("review-requests", ReviewRequest, scored)
    topics.put("review-requests", place, request.model_copy(update={"priority": 0.5}))

    values = json.loads(json.dumps(topics.check().as_values(), default=str))

    assert values["holds"] is False
    assert values["decisions"] == RECORDS
    assert values["equal"] + values["different"] == RECORDS
    assert values["differences"][0]["fields"][0]["field"] == "priority"
