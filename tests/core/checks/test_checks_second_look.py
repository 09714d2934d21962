"""Which verdicts look wrong, one at a time."""

import random
from datetime import UTC, datetime

import pytest

from winnow.core.checks.second_look import SecondLook
from winnow.core.checks.verdict_memory import VerdictMemory
from winnow_schemas.decisions import Decision
from winnow_schemas.verdicts import Verdict

AT = datetime(2026, 1, 1, tzinfo=UTC)
LETTER = "dear sir or madam please find enclosed the invoice of last month with kind regards"


def verdict(number, label="ham", sure=0.6, reason="uncertain", text=None):
    scores = {"ham": sure, "spam": 1 - sure}
    about = {"reason": reason, "propensity": 1.0, "model_version": 1, "policy_version": 1, "decided_at": AT}
    decision = Decision(decision_id=f"s/0/{number}", look="review", label="ham", scores=scores, **about)
    return Verdict(
        request_id=f"s/0/{number}",
        revision=1,
        record={"id": f"r{number}", "text": text or str(number)},
        label=label,
        reason=reason,
        propensity=1.0,
        decision=decision,
        answers={"ann": label},
        agreement=1.0,
        answered_at=AT,
        at=AT,
    )


def heard(look, *verdicts):
    return [look.hear(one, {"text": one.record["text"]}) for one in verdicts]


def used_to(count=100, share=1.0, sure=0.92):
    look = SecondLook(share)
    heard(look, *(verdict(number, sure=sure) for number in range(count)))
    return look


def test_a_model_that_is_as_sure_as_usual_of_another_label_doubts_a_verdict():
    (doubted,) = heard(used_to(), verdict(100, label="spam", sure=0.97))
    assert (doubted.decision_id, doubted.record_id, doubted.label) == ("s/0/100", "r100", "spam")
    assert "sure of ham" in doubted.why


@pytest.mark.parametrize(
    ("look", "sure"), [(used_to(count=10), 0.97), (used_to(sure=0.99), 0.97), (used_to(sure=0.6), 0.89)]
)
def test_one_that_knows_little_or_is_less_sure_than_usual_does_not(look, sure):
    assert heard(look, verdict(200, label="spam", sure=sure)) == [None]


def test_of_two_verdicts_on_nearly_the_same_record_the_less_probable_is_doubted():
    first, second = verdict(200, text=LETTER), verdict(201, "spam", text=LETTER + " yours")
    assert [one and one.decision_id for one in heard(used_to(), first, second)] == [None, "s/0/201"]
    first, second = verdict(300, "spam", text=LETTER), verdict(301, text=LETTER)
    assert [one and one.decision_id for one in heard(used_to(), first, second)] == [None, "s/0/300"]


def test_the_second_look_itself_contradicts_nobody():
    first, again = verdict(200, text=LETTER), verdict(200, "spam", reason="disputed", text=LETTER)
    assert heard(used_to(), first, again) == [None, None]


@pytest.mark.parametrize("reason", ["audit", "gold", "recalled", "disputed"])
def test_evidence_is_held_against_others_but_never_doubted_itself(reason):
    kept, other = verdict(200, "spam", reason=reason, text=LETTER), verdict(201, text=LETTER)
    assert [one and one.decision_id for one in heard(used_to(), kept, other)] == [None, "s/0/201"]


def test_no_more_than_the_share_is_doubted():
    look = used_to(count=100, share=0.1)
    doubts = heard(look, *(verdict(number, label="spam", sure=0.97) for number in range(100, 200)))
    assert 10 <= sum(one is not None for one in doubts) <= 20


def test_the_memory_is_bounded_and_forgets_the_oldest():
    memory = VerdictMemory(most=3)
    texts = [" ".join(random.Random(number).choices(LETTER.split(), k=12)) for number in range(9)]
    assert [memory.alike({"text": text}, place) for place, text in enumerate(texts)] == [None] * 9
    assert memory.alike({"text": texts[8]}, 9) == 8
    assert memory.alike({"text": texts[0]}, 10) is None
    assert len(memory._by_key) <= 4 * 16
