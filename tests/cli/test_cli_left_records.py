"""Which records a redrive sends again, without a broker."""

import json
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from winnow.cli import main
from winnow.cli.left_records import LeftRecords, Wanted
from winnow.runtime.messages import Incoming
from winnow_schemas.decisions import Decision
from winnow_schemas.labels import Label
from winnow_schemas.unlabelled import Unlabelled

AT = datetime(2026, 1, 1, tzinfo=UTC)
BUDGET = Wanted(("budget",))


def left(name, partition=0, offset=0, *, reason="budget", model=5, stream="stream01"):
    decision = Decision(
        decision_id=f"{stream}/{partition}/{offset}",
        reason="budget",
        propensity=0.05,
        look="none",
        model_version=model,
        policy_version=3,
        decided_at=AT + timedelta(seconds=offset),
    )
    return Unlabelled(
        record_id=name,
        decision_id=decision.decision_id,
        record={"id": name, "text": "x"},
        reason=reason,
        decision=decision,
        at=decision.decided_at,
    )


def record(name, partition=0, offset=0, *, seconds=-1.0):
    value = json.dumps({"id": name, "text": "x"}).encode()
    return Incoming("w.records.v1", partition, offset, None, value, AT.timestamp() + seconds)


def human(decision_id):
    fields = {"record_id": "a", "label": "ham", "revision": 2, "policy_version": 3, "model_version": 5}
    return Label(**fields, source="human", decision_id=decision_id, decided_at=AT, at=AT)


def due(*events, wanted=BUDGET):
    records = LeftRecords(wanted, "stream01")
    for event in sorted(events, key=lambda each: isinstance(each, Incoming)):
        hear = {Unlabelled: records.left, Label: records.label, Incoming: records.record}[type(event)]
        hear(event)
    return [each.record_id for each in records.due()]


def test_what_the_budget_left_is_due_in_its_order():
    assert due(left("b", 0, 7), left("a", 0, 3), record("a", 0, 3), record("b", 0, 7)) == ["a", "b"]


def test_what_stands_behind_its_decision_was_sent_already():
    assert due(left("a", 0, 3), record("a", 0, 3), record("a", 0, 9)) == []
    assert due(left("a", 0, 3), record("a", 1, 2, seconds=10.0)) == []
    assert due(left("a", 0, 3), record("a", 1, 2)) == ["a"], "that one came before"


def test_what_was_left_once_more_is_due_once_more():
    assert due(left("a", 0, 3), left("a", 0, 9), record("a", 0, 3), record("a", 0, 9)) == ["a"]


def test_what_people_have_answered_meanwhile_is_not_due():
    assert due(left("a", 0, 3, reason="expired"), human("stream01/0/3"), wanted=Wanted(("expired",))) == []


def test_reasons_and_the_age_of_the_model_choose():
    some = left("a", 0, 1, reason="expired"), left("b", 0, 2, model=9), left("c", 0, 3)
    assert due(*some, wanted=Wanted(("budget", "expired"))) == ["a", "b", "c"]
    assert due(*some, wanted=Wanted(("budget",), model_up_to=8)) == ["c"]


def test_offsets_of_a_topic_that_was_made_anew_say_nothing():
    assert due(left("a", 0, 900, stream="stream00"), record("a", 0, 2)) == []
    assert due(left("a", 0, 900, stream="stream00")) == ["a"]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=20))
def test_sent_once_each_nothing_is_due_any_more(steps):
    """Whatever came before: records that were left, or decided otherwise."""
    events = []
    for offset, (name, was_left) in enumerate(steps):
        events.append(record(name, 0, offset))
        if was_left:
            events.append(left(name, 0, offset))
    again = [record(name, 0, len(steps) + place) for place, name in enumerate(due(*events))]
    assert due(*events, *again) == []


def test_a_reason_that_is_none_is_told(capsys):
    assert main(["redrive", "unlabelled", "--reason", "boredom", "--bootstrap", "localhost:1"]) == 2
    assert "there is no such reason; there are budget, expired" in capsys.readouterr().err
