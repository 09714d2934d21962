"""A replay of a live run's topics: what was decided comes out again, and whatever was changed is found."""

import json
from base64 import b64encode

import pytest
from tests.replay.topics_story import STORY_RECORDS, TASK, KeptTopics, only, told_story

from winnow.runtime.errors import UsageError
from winnow.runtime.model_keys import parse_model_keys
from winnow_schemas.certificates import Certificate
from winnow_schemas.dead_letters import DeadLetter
from winnow_schemas.labels import Label
from winnow_schemas.policies import Policy
from winnow_schemas.review_requests import ReviewRequest
from winnow_schemas.task import ModelSpec
from winnow_schemas.verdicts import Verdict


@pytest.fixture(scope="module")
def logs():
    return told_story(STORY_RECORDS)


@pytest.fixture
def topics(logs):
    return KeptTopics(logs)


def auto(label):
    return label.source == "auto"


def scored(request):
    return request.decision.scores is not None


def audited(request):
    return request.decision.look == "ledger"


def test_every_decision_and_statement_of_a_run_comes_out_again_to_the_last_bit(topics):
    findings = topics.check()

    assert findings.holds
    assert findings.decisions.equal == findings.decisions.exact == STORY_RECORDS
    assert findings.not_recomputable.total() == findings.without_decision == 0
    assert findings.dead_letters.equal == 1
    assert findings.records == STORY_RECORDS + 1
    assert findings.ways["none"] >= 1
    assert findings.ways["verdicts"] > STORY_RECORDS / 2
    assert findings.ways["snapshot"] >= 5
    assert findings.repetitions == len(topics.logs["verdicts"])
    assert findings.statements_left_out is None
    assert findings.told["policies"] == len(topics.logs["policies"]) > 50
    assert findings.told["certificates"] == len(topics.logs["certificates"]) > 1
    assert findings.statements.equal == findings.told.total()


def test_a_search_and_its_survivor_that_came_to_decide_come_out_again():
    rates = {"logistic": {"learning_rate": [0.2, 1]}}
    model = {"champion": "logistic[learning_rate=0.00001]", "search": {"models": rates, "lessons": 60}}
    task = TASK.model_copy(update={"model": ModelSpec.model_validate(model)})
    topics = KeptTopics(told_story(200, task))

    findings = topics.check(task=task)

    assert findings.holds
    assert findings.decisions.equal == findings.decisions.exact == 200
    told = [said for message in topics.logs["evidence"] if (said := json.loads(message.value)).get("kind") == "model"]
    assert [(said["change"], said["name"]) for said in told] == [("promoted", "logistic[learning_rate=1]")]


def test_a_committee_decides_again_with_its_votes_and_the_gate_pools_them_again():
    task = TASK.model_copy(update={"model": ModelSpec(champion="committee")})
    topics = KeptTopics(told_story(STORY_RECORDS, task))

    findings = topics.check(task=task)

    assert findings.holds
    assert findings.decisions.equal == findings.decisions.exact == STORY_RECORDS
    assert findings.statements.equal == findings.told.total()
    evidence = [json.loads(message.value) for message in topics.logs["evidence"]]
    assert sum("pooling" in said for said in evidence) > 50
    assert sum("votes" in said for said in evidence) > 100
    labels = [json.loads(message.value) for message in topics.logs["labels"]]
    assert sum(label["source"] == "auto" for label in labels) > 50


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
    assert findings.decisions.equal == STORY_RECORDS - autos
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
    assert findings.not_recomputable["its model is neither on models nor do verdicts make it"] > STORY_RECORDS / 2


def test_without_keys_the_verdicts_make_every_model(topics):
    findings = topics.check(keys=None)

    assert findings.holds
    assert findings.ways["snapshot"] == 0
    assert findings.decisions.exact == STORY_RECORDS


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
    assert findings.decisions.equal == STORY_RECORDS


def test_renewals_that_are_compacted_away_come_from_the_evidence(topics):
    compact(topics)

    findings = topics.check()

    assert findings.holds
    assert findings.decisions.equal == STORY_RECORDS


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
    assert missing + findings.decisions.equal == STORY_RECORDS


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
    assert findings.not_recomputable == {"it is about a records topic that was made anew since": STORY_RECORDS}


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
    assert values["decisions"] == STORY_RECORDS
    assert values["equal"] + values["different"] == STORY_RECORDS
    assert values["differences"][0]["fields"][0]["field"] == "priority"
