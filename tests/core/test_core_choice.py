"""Whom to ask next: instructive and unlike the last ones, near-duplicates wait, and nothing tells audits apart."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from winnow.core.choice import REMEMBERED, Asked, Candidate, Manner, choose
from winnow.core.sketch import SKETCH_BYTES

NOBODY = Asked(b"", 0)


def stranger(number, place=0.0, kind="open"):
    return Candidate(number, place, kind, random.Random(number).randbytes(SKETCH_BYTES))


def twin(candidate, number, **changes):
    return replace(candidate, name=number, **changes)


def asked(*candidates):
    return Asked(b"".join(candidate.as_asked for candidate in candidates), len(candidates))


def names(candidates, choice):
    return [candidates[index].name for index in choice.order[: choice.chosen]]


def test_without_a_difference_in_kind_the_first_in_line_comes_first():
    line = [Candidate(number, -number / 10, "open") for number in range(5)]
    assert names(line, choose(line, NOBODY, 3, Manner())) == [0, 1, 2]


def test_who_is_unlike_those_asked_lately_goes_before_who_is_a_little_more_doubtful():
    known = stranger(1)
    alike = replace(stranger(2, place=0.1), sketch=stranger(2).sketch[:32] + known.sketch[32:])
    other = stranger(3)
    line = [alike, other]
    assert names(line, choose(line, asked(known), 2, Manner())) == [3, 2]
    assert names(line, choose(line, asked(known), 2, Manner.of({"uncertainty": 1.0}))) == [2, 3]


def test_a_near_duplicate_of_what_was_asked_waits_for_it():
    known = stranger(1)
    line = [twin(known, 2), stranger(3), twin(known, 4, is_begun=True), known]
    choice = choose(line, asked(stranger(9), known), 4, Manner())
    assert [(wait.candidate, wait.behind, wait.slot) for wait in choice.waiting] == [(0, None, 1)]
    assert sorted(names(line, choice)) == [1, 3, 4], "a begun one and the asked one itself do not wait"


def test_of_near_duplicates_in_line_one_is_asked_and_the_others_wait_for_it():
    first = stranger(1, place=1)
    line = [first, *(twin(first, number, place=0.5) for number in range(2, 30)), stranger(40)]
    choice = choose(line, NOBODY, 10, Manner())
    assert names(line, choice) == [1, 40]
    assert {(wait.behind, wait.slot) for wait in choice.waiting} == {(0, None)}
    assert len(choice.waiting) == 28


def test_audits_never_wait_and_as_many_other_blind_ones_pass_as_hide_them():
    known = stranger(1)
    audit, blind = twin(known, 2, kind="check"), twin(known, 3, kind="blind")
    assert names([audit], choose([audit], asked(known), 1, Manner())) == [2]
    assert choose([blind], asked(known), 1, Manner()).chosen == 0
    assert names([blind], choose([blind], asked(known, audit), 1, Manner())) == [3]
    assert choose([twin(blind, 4)], asked(known, audit, blind), 1, Manner()).chosen == 0


@pytest.mark.parametrize("share", [0.1, 0.25, 0.5])
def test_under_a_filter_blind_ones_come_as_often_as_they_stand_in_the_whole_line(share):
    line = [stranger(number, place=number, kind="blind" if number % 2 else "open") for number in range(400)]
    ring, kinds = [], []
    for _ in range(100):
        choice = choose(line, asked(*ring), 1, Manner(blind_share=share))
        picked = line.pop(choice.order[0])
        ring.append(picked)
        kinds.append(picked.kind)
    assert kinds.count("blind") / 100 == pytest.approx(share, abs=0.02)


def test_a_filter_that_nothing_passes_shows_no_blind_ones_either():
    line = [stranger(number, kind="check") for number in range(5)]
    assert choose(line, NOBODY, 3, Manner(blind_share=0.5)).chosen == 0


def test_an_audit_stands_where_another_blind_one_of_its_place_would():
    line = [stranger(number, place=number / 50) for number in range(20)]
    for at in range(20):
        orders = [
            names(some, choose(some, asked(stranger(99)), 20, Manner()))
            for kind in ("check", "blind")
            if (some := [*line[:at], replace(line[at], kind=kind), *line[at + 1 :]])
        ]
        assert orders[0] == orders[1]


def test_the_ring_forgets_the_oldest():
    ring = [stranger(number) for number in range(REMEMBERED)]
    wrapped = Asked(b"".join(each.as_asked for each in [stranger(9999), *ring[1:]]), REMEMBERED + 1)
    assert wrapped.names[-1] == 9999
    assert wrapped.names[0] == 1
    line = [twin(ring[0], 5001), twin(stranger(9999), 5002)]
    assert names(line, choose(line, wrapped, 2, Manner())) == [5001]


KINDS = st.sampled_from(["open", "blind", "check"])
CANDIDATES = st.lists(st.tuples(st.integers(0, 5), st.floats(-3, 3), KINDS, st.booleans()), max_size=20)


@given(CANDIDATES, CANDIDATES, st.integers(1, 10), st.none() | st.floats(0, 1))
def test_each_candidate_is_chosen_stands_in_or_waits_and_no_audit_waits(made, before, count, share):
    line = [
        twin(stranger(kin, place, kind), 100 + at, is_begun=begun) for at, (kin, place, kind, begun) in enumerate(made)
    ]
    ring = [twin(stranger(kin, place, kind), 500 + at) for at, (kin, place, kind, _) in enumerate(before)]
    choice = choose(line, asked(*ring), count, Manner(blind_share=share))
    waiting = [wait.candidate for wait in choice.waiting]
    assert sorted([*choice.order, *waiting]) == list(range(len(line)))
    assert choice.chosen <= count
    assert all(line[index].kind != "check" and not line[index].is_begun for index in waiting)
