from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from winnow.core.priority import (
    Showing,
    Showings,
    Worth,
    Worths,
    blind_share,
    showing,
    showings,
    silent_first,
    silent_ones_first,
)
from winnow.core.risk.coin import coins
from winnow_schemas.decisions import Decision

RATE = 0.08


WORTH = Worth(0.7, by_chance=0.0)


def decision(look="review"):
    return Decision(
        decision_id="a/0/0",
        reason="uncertain",
        propensity=1.0,
        look=look,
        audit_rate=RATE,
        model_version=1,
        policy_version=1,
        decided_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


@given(st.floats(0, 1), st.sampled_from(["ledger", "extra"]))
def test_audits_are_always_blind(toss, look):
    assert showing(decision(look), toss, WORTH, RATE) == (True, toss)


@given(st.floats(0, 1), st.none() | st.floats(0, 1), st.floats(0, 1), st.sampled_from(["review", "extra"]))
def test_a_priority_is_between_0_and_1_and_the_same_of_one_as_of_many(toss, taught, by_chance, look):
    worth = Worth(None if taught is None else taught * (1 - by_chance), by_chance)
    shown = showing(decision(look), toss, worth, RATE)
    assert 0 <= shown.priority <= 1
    of_many = Worths(np.array([np.nan if worth.taught is None else worth.taught]), by_chance)
    many = showings(np.array([look == "extra"]), np.array([RATE]), of_many, np.array([toss]))
    assert (bool(many.blind[0]), float(many.priorities[0])) == shown


def test_what_teaches_more_comes_first():
    more, less = (showing(decision(), 0.9, Worth(taught, 0.0), RATE) for taught in (0.9, 0.2))
    assert more == (False, 0.9)
    assert more.priority > less.priority


def test_blind_requests_stand_in_the_queue_alike_whether_audits_or_not():
    tosses = coins("salt", "stream01", 0, range(40_000), "blind")
    audits = [showing(decision("ledger"), toss, WORTH, RATE).priority for toss in tosses]
    ordinary = [showing(decision(), toss, WORTH, RATE) for toss in tosses]
    blind = [shown.priority for shown in ordinary if shown.blind]
    assert len(blind) / len(ordinary) == pytest.approx(blind_share(RATE), abs=0.01)
    for tenth in range(10):
        shares = [sum(tenth <= 10 * p < tenth + 1 for p in some) / len(some) for some in (audits, blind)]
        assert shares == pytest.approx([0.1, 0.1], abs=0.02)


@pytest.mark.parametrize("audit_rate", [0.01, 0.08, 0.16])
def test_at_most_half_of_the_blind_ones_are_audits_while_people_see_a_quarter_of_the_records(audit_rate):
    sure = 0.75
    assert sure * audit_rate <= (1 - sure) * blind_share(audit_rate) + 1e-12


@pytest.mark.parametrize("worth", [Worth(None, 0.0), Worth(0.0, 1.0)])
def test_what_is_not_ordered_by_what_it_teaches_is_ordered_by_chance(worth):
    tosses = coins("salt", "stream01", 1, range(2000), "blind")
    priorities = [showing(decision(), toss, worth, RATE).priority for toss in tosses]
    assert sum(priorities) / len(priorities) == pytest.approx(0.5, abs=0.03)


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1), st.booleans()), min_size=1))
def test_records_on_which_all_labelling_functions_abstain_come_first_but_for_blind_ones(requests):
    blind, priorities, silent = map(list, zip(*requests, strict=True))
    one_by_one = [
        silent_first(Showing(hidden, priority), {} if nothing else {"cash": "spam"})
        for hidden, priority, nothing in requests
    ]
    together = silent_ones_first(Showings(np.array(blind), np.array(priorities)), np.array(silent))
    assert together.priorities.tolist() == [shown.priority for shown in one_by_one]
    assert all(
        shown.priority == priority for shown, priority in zip(one_by_one, priorities, strict=True) if shown.blind
    )
    first = [s.priority for s, nothing in zip(one_by_one, silent, strict=True) if nothing and not s.blind]
    others = [s.priority for s, nothing in zip(one_by_one, silent, strict=True) if not nothing and not s.blind]
    assert min(first, default=1) >= max(others, default=0)


def test_where_there_are_no_labelling_functions_nothing_changes():
    assert silent_first(Showing(False, 0.3), None) == (False, 0.3)
