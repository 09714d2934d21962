from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from winnow.core.decision import ASKED_ROWS, Row, within_budget
from winnow.core.risk.coin import coins
from winnow.core.sampling import PartitionBudget, TaskBudget
from winnow.core.sampling.neighbourhood import Neighbourhood, SmallScale
from winnow.core.sampling.spending import FLOOR, Terms
from winnow.core.sampling.standing import Standing
from winnow.core.sketch import Sketcher
from winnow_schemas.task import InputSpec, Task

TERMS = Terms.of(0.2)


def budget(*sampling, share=0.2, features=("size",)):
    task = {"task": "t", "labels": ["a", "b"], "input": {"features": dict.fromkeys(features, "number")}}
    return TaskBudget(Task.model_validate({**task, "sampling": list(sampling), "budget": {"share": share}}))


class Step(NamedTuple):
    """One record: its row, what its scores say of its worth, how its coin falls."""

    row: Row
    worth: float | None
    toss: float
    record: dict
    open_share: float = 1.0


def go(partition, terms, step):
    """Its turn, and whether it is asked about."""
    turn = partition.turn(terms, step.row, step.open_share, step.worth, step.record)
    settled = within_budget(step.row, turn.chance, step.toss, step.open_share)
    partition.passed(turn, settled)
    return turn, settled in ASKED_ROWS


def course(worths, tosses, share=0.2):
    """Records below the threshold with these worths."""
    partition, terms = PartitionBudget(budget("uncertainty", share=share)), Terms.of(share)
    steps = [Step(Row.UNSURE, worth, toss, {}) for worth, toss in zip(worths, tosses, strict=True)]
    return [go(partition, terms, step) for step in steps]


def test_records_are_asked_as_often_as_their_propensity_says():
    tosses = coins("salt", "stream01", 0, range(20_000), "budget").tolist()
    worths = coins("other", "stream01", 0, range(20_000)).tolist()
    turns = course(worths, tosses)
    for low in (0.0, 0.25, 0.5, 0.75, 0.95):
        some = [(turn.chance, asked) for (turn, asked), worth in zip(turns, worths, strict=True) if worth >= low]
        expected = sum(chance for chance, _ in some)
        deviation = sum(chance * (1 - chance) for chance, _ in some) ** 0.5
        assert abs(sum(asked for _, asked in some) - expected) < 4 * deviation


def test_who_would_teach_more_is_asked_more_often():
    tosses = coins("salt", "stream01", 0, range(20_000), "budget").tolist()
    worths = coins("other", "stream01", 0, range(20_000)).tolist()
    by_worth = [(worth, asked) for (_, asked), worth in zip(course(worths, tosses), worths, strict=True)]
    shares = [
        np.mean([asked for worth, asked in by_worth if tenth / 10 <= worth < (tenth + 1) / 10]) for tenth in range(10)
    ]
    assert shares[0] == pytest.approx(FLOOR, abs=0.02)
    assert shares[9] > 4 * shares[0]


@pytest.mark.parametrize("worth", [0.0, 1e-7, 0.5, 1.0])
def test_records_that_teach_alike_are_asked_as_often_as_the_budget_allows(worth):
    tosses = coins("salt", "stream01", 0, range(8_000), "budget").tolist()
    asked = [asked for _, asked in course([worth] * 8_000, tosses)]
    assert 0.16 < np.mean(asked[1_000:]) <= 0.2


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([0.1, 0.2, 0.05]))
def test_what_is_estimated_from_the_answers_is_unbiased(seed, share):
    """Errors sit where the model doubts; weighted by 1/propensity their estimated number is the true one."""
    chance = np.random.default_rng(seed)
    worths = chance.random(900)
    wrong = chance.random(900) < worths
    gaps, deviations = [], []
    for salt in range(8):
        tosses = coins(f"{seed}{salt}", "stream01", 0, range(900), "budget").tolist()
        turns = course(worths.tolist(), tosses, share)
        counted = [(turn.chance, asked, bad) for (turn, asked), bad in zip(turns, wrong, strict=True) if turn.chance]
        gaps.append(sum(bad * (asked / chance - 1) for chance, asked, bad in counted))
        deviations.append(sum(bad * (1 - chance) / chance for chance, asked, bad in counted))
    assert abs(np.sum(gaps)) < 4.5 * np.sum(deviations) ** 0.5


def test_when_nothing_is_left_even_the_open_gate_gives_no_label():
    partition = PartitionBudget.unknown(budget("uncertainty"))
    turn, asked = go(partition, TERMS, Step(Row.UNSEEN, None, 0.5, {}))
    assert (turn.chance, asked) == (0.0, False)
    assert within_budget(Row.UNSEEN, turn.chance, 0.5, 1.0) is Row.LEFT_ABOVE


ROWS = st.sampled_from([Row.SHUT, Row.UNSURE, Row.CLOSED, Row.LEDGER, Row.UNSEEN])
RECORDS = st.fixed_dictionaries({"features": st.dictionaries(st.sampled_from(["size", "age"]), st.floats(-1e6, 1e6))})
OPEN = st.sampled_from([1.0, 0.5])
STEPS = st.lists(st.builds(Step, ROWS, st.none() | st.floats(0, 0.3), st.floats(0, 0.999), RECORDS, OPEN), max_size=40)


@given(STEPS, STEPS)
def test_a_note_goes_on_exactly_where_it_was_taken(before, after):
    some = budget("uncertainty", "novelty", "density", features=("size", "age"))
    partition = PartitionBudget(some)
    for step in before:
        go(partition, TERMS, step)
    again = PartitionBudget.of_note(some, partition.note())
    for step in after:
        assert go(partition, TERMS, step) == go(again, TERMS, step)
    assert partition.note() == again.note()


@pytest.mark.parametrize("note", ["", "?", "AA==", "Ag==", "AQ==", "x" * 4000])
def test_a_note_that_nobody_can_read_counts_as_all_spent(note):
    some = budget("uncertainty")
    assert PartitionBudget.of_note(some, note).note() == PartitionBudget.unknown(some).note()


def test_a_note_of_other_inputs_still_tells_what_was_spent():
    few, more = budget("novelty"), budget("novelty", features=("size", "age"))
    partition = PartitionBudget(few)
    for _ in range(50):
        go(partition, TERMS, Step(Row.UNSURE, 0.5, 0.0, {"features": {"size": 1.0}}))
    again = PartitionBudget.of_note(more, partition.note())
    assert again.turn(TERMS, Row.LEDGER, 1.0, None, {}).chance == 1.0
    assert again.note() != PartitionBudget.unknown(more).note()


def test_the_largest_note_fits_into_a_commit():
    some = budget("novelty", "density", features=[f"f{number}" for number in range(300)])
    partition = PartitionBudget(some)
    for place in range(400):
        go(partition, TERMS, Step(Row.UNSURE, 0.5, 0.0, {"features": {f"f{place % 300}": float(place)}}))
    assert len(partition.note()) < 4_096


@given(st.lists(st.floats(0, 1), max_size=300))
def test_places_are_shared_among_equals(worths):
    standing = Standing()
    for worth in worths:
        places = standing.of(worth)
        assert 0.0 <= places.first < places.last <= 1.0
        assert places.first**3 - 1e-9 <= places.mean_power(3.0) <= places.last**3 + 1e-9
        standing.passed(worth)
    assert Standing.from_bytes(standing.to_bytes()).to_bytes() == standing.to_bytes()


def test_a_record_like_those_asked_is_not_new_and_one_like_many_is_dense():
    spec = InputSpec(text=True)
    nearby, sketcher = Neighbourhood(spec), Sketcher(spec)
    nearby.look(sketcher, {"text": "cheap pills"})
    assert (nearby.novelty, nearby.density) == (1.0, 0.5)
    for _ in range(8):
        nearby.look(sketcher, {"text": "cheap pills"})
        nearby.passed(asked=True)
    nearby.look(sketcher, {"text": "cheap pills"})
    assert (nearby.novelty, nearby.density) == (0.0, 1.0)
    nearby.look(sketcher, {"text": "the meeting is moved to monday"})
    assert nearby.novelty > 0.5 > nearby.density


def test_numbers_are_compared_by_their_own_scale():
    scale = SmallScale(2)
    for step in range(500):
        z = scale.standardised([1e6 + step % 10, None])
    assert abs(z[0]) < 3
    assert z[1] == 0.0
