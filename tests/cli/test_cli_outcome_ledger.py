"""The fold behind `winnow verify`."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from winnow.cli.outcome_ledger import Account, OutcomeLedger
from winnow_schemas.certificates import Certificate
from winnow_schemas.dead_letters import DeadLetter, ErrorDetail, Position
from winnow_schemas.decisions import Decision
from winnow_schemas.evidence import Closed, Counts, LabelCounts
from winnow_schemas.labels import Label
from winnow_schemas.review_requests import ReviewRequest
from winnow_schemas.unlabelled import Unlabelled

NOW = datetime(2026, 1, 1, tzinfo=UTC)
STREAM = "abcdefgh"
RECORDS = "winnow.records.v1"


def decision_id(offset: int, stream: str = STREAM) -> str:
    return f"{stream}/0/{offset}"


def decision(offset: int) -> Decision:
    return Decision(
        decision_id=decision_id(offset),
        reason="uncertain",
        propensity=1.0,
        look="review",
        model_version=1,
        policy_version=1,
        decided_at=NOW,
    )


def auto(offset: int, **changes: Any) -> Label:
    values = {
        "record_id": f"r{offset}",
        "label": "ham",
        "source": "auto",
        "revision": 1,
        "decision_id": decision_id(offset),
        "policy_version": 5,
        "decided_at": NOW,
        "at": NOW,
    }
    return Label(**{**values, **changes})


def human(offset: int, **changes: Any) -> Label:
    return auto(offset, **{"source": "human", "revision": 2, **changes})


def request(offset: int, reopened: str = "", **changes: Any) -> ReviewRequest:
    values = {
        "request_id": decision_id(offset) + reopened,
        "record": {"id": f"r{offset}", "text": "x"},
        "reason": "uncertain",
        "blind": True,
        "priority": 0.5,
        "decision": decision(offset),
        "expires_at": NOW,
    }
    return ReviewRequest(**{**values, **changes})


def left(offset: int, reason: str) -> Unlabelled:
    return Unlabelled(
        record_id=f"r{offset}",
        decision_id=decision_id(offset),
        record={"id": f"r{offset}", "text": "x"},
        reason=reason,  # type: ignore[arg-type]
        decision=decision(offset),
        at=NOW,
    )


def dead(offset: int, topic: str = RECORDS) -> DeadLetter:
    return DeadLetter(
        original=b"eA==",
        source=Position(topic=topic, partition=0, offset=offset),
        error=ErrorDetail(code="json_invalid", message="no JSON"),
        service="scorer",
        attempts=1,
        at=NOW,
    )


def closing(offset: int, closing: str, reopened: str = "", revision: int = 1, reason: str = "uncertain") -> Closed:
    return Closed(
        request_id=decision_id(offset) + reopened,
        closing=closing,  # type: ignore[arg-type]
        revision=revision,
        reason=reason,  # type: ignore[arg-type]
        look="review",
        propensity=1.0,
        policy_version=1,
        model_version=1,
        decided_at=NOW,
        at=NOW,
    )


def counts(end: int, **changes: Any) -> Counts:
    values = {"stream": STREAM, "partition": 0, "from": 0, "to": end, "policy_version": 1, "model_version": 1}
    return Counts(**{**values, "at": NOW, **changes})


def certificate(released: int, *withdrawn: tuple[int, int], version: int = 1) -> Certificate:
    return Certificate(
        version=version,
        epoch=1,
        released=released,
        withdrawn=list(withdrawn),
        labels=0,
        wrong_at_most=0.0,
        target=0.05,
        met=False,
        confidence=0.95,
        state="auto",
        at=NOW,
    )


def recall(offset: int, **changes: Any) -> Label:
    return auto(offset, **{"source": "recall", "revision": 2, "label": None, **changes})


def account_of(records: int, *messages: object, decided: int | None = None) -> Account:
    ledger = OutcomeLedger(STREAM, RECORDS)
    for offset in range(records):
        ledger.record(0, offset)
    for message in (*messages, counts(records if decided is None else decided)):
        feed(ledger, message)
    return ledger.account()


def feed(ledger: OutcomeLedger, message: object) -> None:
    match message:
        case Label():
            ledger.label(message)
        case ReviewRequest():
            ledger.request(message)
        case Unlabelled():
            ledger.unlabelled(message)
        case DeadLetter():
            ledger.dead_letter(message)
        case Closed():
            ledger.closing(message)
        case Counts():
            ledger.counts(message)
        case Certificate():
            ledger.certificate(message)


def test_each_kind_of_outcome_is_counted_once() -> None:
    account = account_of(
        6,
        auto(0),
        request(1),
        request(2),
        human(2),
        closing(2, "right"),
        left(3, "budget"),
        dead(4),
        request(5),
        left(5, "expired"),
        closing(5, "expired"),
    )

    assert account.adds_up
    assert account.outcomes == {
        "auto_released": 0,
        "auto_recallable": 1,
        "withdrawn": 0,
        "superseded": 0,
        "in_review": 1,
        "human": 1,
        "unlabelled": 2,
        "dead_letter": 1,
        "waiting": 0,
    }


def test_a_record_the_scorer_passed_without_a_word_is_listed() -> None:
    account = account_of(2, auto(0))

    assert [(problem.offset, problem.fault) for problem in account.problems] == [(1, "none")]
    assert not account.adds_up


def test_a_record_the_scorer_has_not_reached_is_waiting() -> None:
    account = account_of(2, auto(0), decided=1)

    assert account.adds_up
    assert account.outcomes["waiting"] == 1


@pytest.mark.parametrize("second", [auto(0), request(0), left(0, "budget"), dead(0)])
def test_a_record_with_two_first_outcomes_is_listed(second: object) -> None:
    account = account_of(1, auto(0), second)

    assert [problem.fault for problem in account.problems] == ["twice"]


def test_two_labels_of_one_revision_are_listed() -> None:
    account = account_of(1, request(0), human(0), human(0), closing(0, "right"))

    assert [problem.fault for problem in account.problems] == ["twice"]


@pytest.mark.parametrize(
    "half", [(human(0),), (closing(0, "right"),), (closing(0, "expired"),)], ids=["label", "verdict", "expiry"]
)
def test_half_of_a_review_transaction_is_listed(half: tuple[object, ...]) -> None:
    account = account_of(1, request(0), *half)

    assert [problem.fault for problem in account.problems] == ["torn"]


def test_a_label_may_be_withheld_when_its_record_was_decided_anew() -> None:
    again = auto(1, record_id="r0")

    account = account_of(2, request(0), closing(0, "right"), again)

    assert account.adds_up
    assert account.outcomes["human"] == 1


@pytest.mark.parametrize(
    ("released", "withdrawn", "outcome"),
    [
        (5, [], "auto_released"),
        (4, [], "auto_recallable"),
        (9, [(1, 4)], "auto_released"),
        (9, [(5, 5)], "withdrawn"),
        (-1, [(3, 7)], "withdrawn"),
    ],
)
def test_an_auto_label_is_what_the_newest_certificate_says(
    released: int, withdrawn: list[tuple[int, int]], outcome: str
) -> None:
    older = certificate(9, (0, 9), version=0)

    account = account_of(1, auto(0), certificate(released, *withdrawn), older)

    assert account.adds_up
    assert {name for name, count in account.outcomes.items() if count} == {outcome}
    assert account.auto == (outcome != "withdrawn")


WITHDRAWN = certificate(9, (5, 5))
PUT_BACK = (auto(0), WITHDRAWN, recall(0), request(0, reason="recalled"))


def test_a_recalled_label_is_in_review_until_somebody_answers() -> None:
    waiting = account_of(1, *PUT_BACK)
    answered = account_of(1, *PUT_BACK, human(0, revision=3), closing(0, "right"))

    assert waiting.adds_up
    assert answered.adds_up
    assert (waiting.outcomes["in_review"], waiting.recalled) == (1, 1)
    assert (answered.outcomes["human"], answered.recalled) == (1, 1)


def test_a_withdrawn_label_needs_no_recall_when_its_record_was_decided_anew() -> None:
    account = account_of(2, auto(0), WITHDRAWN, request(1, record={"id": "r0", "text": "x"}))

    assert account.adds_up
    assert (account.outcomes["superseded"], account.outcomes["in_review"]) == (1, 1)


def test_a_recalled_label_beyond_what_can_be_put_back_is_unlabelled() -> None:
    account = account_of(1, auto(0), WITHDRAWN, recall(0), left(0, "recalled"))

    assert account.adds_up
    assert account.outcomes["unlabelled"] == 1


def test_a_recalled_label_that_nobody_answers_is_unlabelled() -> None:
    account = account_of(1, *PUT_BACK, left(0, "expired"), closing(0, "expired"))

    assert account.adds_up
    assert account.outcomes["unlabelled"] == 1


@pytest.mark.parametrize(
    ("messages", "fault"),
    [
        ((*PUT_BACK, recall(0, revision=3)), "twice"),
        ((*PUT_BACK, recall(0)), "twice"),
        ((*PUT_BACK, left(0, "recalled")), "twice"),
        ((*PUT_BACK, request(0, reason="recalled")), "twice"),
        ((auto(0), WITHDRAWN, recall(0)), "torn"),
        ((auto(0), WITHDRAWN, request(0, reason="recalled")), "torn"),
        ((auto(0), certificate(9, (6, 9)), recall(0), request(0, reason="recalled")), "unfounded"),
        ((auto(0), recall(0), request(0, reason="recalled")), "unfounded"),
    ],
)
def test_a_recall_that_does_not_fit_together_is_listed(messages: tuple[object, ...], fault: str) -> None:
    account = account_of(1, *messages)

    assert fault in {problem.fault for problem in account.problems}
    assert not account.adds_up


DISPUTED = request(0, "#3", reason="disputed")


def test_a_label_in_doubt_stands_until_people_have_answered() -> None:
    expired = closing(0, "expired", "#3", 5, "disputed")
    answered = (human(0, revision=4), closing(0, "wrong", "#3", 5, "disputed"))
    for messages, outcome in (((), "auto_recallable"), ((expired,), "auto_recallable"), (answered, "human")):
        account = account_of(1, auto(0), DISPUTED, *messages)
        assert account.problems == ()
        assert account.outcomes[outcome] == 1


def test_a_recalled_label_that_was_in_doubt_is_in_line_already() -> None:
    account = account_of(1, auto(0), WITHDRAWN, DISPUTED, recall(0))
    assert account.problems == ()
    assert account.outcomes["in_review"] == 1


def test_an_expired_request_that_was_opened_again_is_in_review() -> None:
    expired = (request(0), left(0, "expired"), closing(0, "expired"))

    account = account_of(1, *expired, closing(0, "reopened", revision=2), request(0, "#1"))

    assert account.adds_up
    assert account.outcomes["in_review"] == 1


def test_outcomes_of_another_stream_and_dead_letters_of_other_topics_do_not_count() -> None:
    foreign = auto(0, decision_id=decision_id(0, "other123"))

    account = account_of(1, auto(0), foreign, dead(0, "winnow.verdicts.v1"), counts(9, stream="other123"))

    assert account.adds_up


def test_evidence_that_counts_what_was_not_written_is_noticed() -> None:
    account = account_of(1, auto(0), counts(1, labels={"ham": LabelCounts(unseen=2)}))

    assert account.counted["auto"] == 2
    assert account.written["auto"] == 1


SOUND = {
    "auto_released": (lambda offset: auto(offset, policy_version=1),),
    "auto_recallable": (lambda offset: auto(offset, policy_version=10),),
    "in_review": (request,),
    "human": (request, human, lambda offset: closing(offset, "wrong")),
    "unlabelled": (lambda offset: left(offset, "budget"),),
    "dead_letter": (dead,),
}
RECALLED = (auto, recall, lambda offset: request(offset, reason="recalled"))
STILL_SOUND = {
    **SOUND,
    "withdrawn": (auto,),
    "in_review again": RECALLED,
    "human again": (*RECALLED, lambda offset: human(offset, revision=3), lambda offset: closing(offset, "right")),
    "unlabelled again": (auto, recall, lambda offset: left(offset, "recalled")),
}


@dataclass
class Stream:
    kinds: list[str]
    messages: list[object]


@st.composite
def streams(draw: st.DrawFn) -> Stream:
    kinds = draw(st.lists(st.sampled_from(sorted(STILL_SOUND)), max_size=12))
    messages = [make(offset) for offset, kind in enumerate(kinds) for make in STILL_SOUND[kind]]
    return Stream(kinds, draw(st.permutations(messages)))


@given(streams())
def test_sound_streams_add_up_in_whatever_order_they_are_read(stream: Stream) -> None:
    account = account_of(len(stream.kinds), WITHDRAWN, *stream.messages)

    assert account.adds_up
    for kind, count in account.outcomes.items():
        assert count == sum(each.removesuffix(" again") == kind for each in stream.kinds)
    assert account.recalled == sum(each.endswith(" again") for each in stream.kinds)


@given(streams(), st.data())
def test_whatever_single_message_is_lost_is_noticed(stream: Stream, data: st.DataObject) -> None:
    if not stream.messages:
        return
    lost = data.draw(st.integers(0, len(stream.messages) - 1))
    kept = [message for index, message in enumerate(stream.messages) if index != lost]

    account = account_of(len(stream.kinds), WITHDRAWN, *kept)

    assert not account.adds_up


@given(streams(), st.data())
def test_whatever_may_come_once_and_comes_twice_is_noticed(stream: Stream, data: st.DataObject) -> None:
    once = [message for message in stream.messages if not isinstance(message, Closed)]
    if not once:
        return
    doubled = data.draw(st.sampled_from(once))

    assert not account_of(len(stream.kinds), WITHDRAWN, *stream.messages, doubled).adds_up
