import pytest
from hypothesis import given
from hypothesis import strategies as st

from winnow.core.risk.coin import coins
from winnow.core.sampling.spending import FLOOR, WINDOW, Spending, Terms

SHARES = st.floats(0.001, 0.999)
STRETCHES = st.lists(st.tuples(st.booleans(), st.floats(0, 1), st.integers(1, 400)), max_size=12)
"""So many records below the threshold or above, for whom the coin falls like that."""


def spend(spending, terms, below, toss, audit_rate=0.5):
    """Whether one record is asked about."""
    chance = spending.chance(terms) if below else audit_rate * (spending.left(terms) > 0)
    asked = toss < chance
    spending.passed(below=below, asked=asked)
    return asked


def most_in_a_window(asked):
    sums = [0]
    for each in asked:
        sums.append(sums[-1] + each)
    return max(sums[end] - sums[max(0, end - WINDOW)] for end in range(len(sums)))


@given(st.lists(SHARES, min_size=1, max_size=3), STRETCHES)
def test_no_window_of_1000_records_holds_more_than_its_share(shares, stretches):
    spending, asked = Spending(), []
    for number, (below, toss, many) in enumerate(stretches):
        terms = Terms.of(shares[number % len(shares)])
        asked += [spend(spending, terms, below, toss) for _ in range(many)]
        assert spending.left(terms) <= terms.many
    assert most_in_a_window(asked) <= max(Terms.of(share).many for share in shares)


@given(SHARES, STRETCHES)
def test_the_chance_is_never_below_the_floor_while_something_is_left(share, stretches):
    spending, terms = Spending(), Terms.of(share)
    assert terms.floor == FLOOR or share < 2 * FLOOR
    for below, toss, many in stretches:
        for _ in range(many):
            chance = spending.chance(terms)
            assert chance == 0.0 if spending.left(terms) <= 0 else terms.floor <= chance <= 1.0
            spend(spending, terms, below, toss)


@pytest.mark.parametrize(("share", "thin"), [(0.1, 1), (0.1, 3), (0.2, 1), (0.5, 3)])
def test_a_budget_is_used_up_to_what_keeps_it_from_running_out(share, thin):
    spending, terms, asked = Spending(), Terms.of(share), []
    tosses = [((37 * place) % 101) / 101 for place in range(4_000)]
    for place, toss in enumerate(tosses):
        below = place % thin == 0
        asked.append(spend(spending, terms, below, toss, audit_rate=0.0))
    wanted = min(1 / thin, share)
    assert 0.9 * wanted <= sum(asked[1_000:]) / 3_000 <= share
    assert spending.left(terms) > 0


@pytest.mark.parametrize("share", [0.1, 0.2, 0.5])
def test_a_budget_is_spent_evenly_so_that_a_change_finds_something_left(share):
    spending, terms = Spending(), Terms.of(share)
    tosses = coins("salt", "stream01", 0, range(3_000)).tolist()
    asked = [spend(spending, terms, below=True, toss=toss) for toss in tosses]
    for start in range(0, 3_000, 500):
        assert 0.55 * share < sum(asked[start : start + 500]) / 500 < 1.4 * share


def test_audits_are_paid_first():
    terms, sparing, free = Terms.of(0.2), Spending(), Spending()
    for place in range(2_000):
        spend(sparing, terms, below=place % 2 == 0, toss=0.5, audit_rate=0.6 if place % 10 == 1 else 0.0)
        spend(free, terms, below=place % 2 == 0, toss=0.5, audit_rate=0.0)
    assert sparing.chance(terms) < free.chance(terms)


@given(st.floats(0.001, 0.4))
def test_somebody_is_asked_first_and_after_so_many_in_a_row_whatever_the_coins_say(share):
    spending, terms = Spending(), Terms.of(share)
    asked = [spend(spending, terms, below=True, toss=0.999) for _ in range(terms.patience + 2)]
    assert asked == [True, *[False] * terms.patience, True]


def test_what_is_not_known_counts_as_spent():
    spending, terms = Spending.unknown(), Terms.of(0.2)
    asked = [spend(spending, terms, below=True, toss=0.0) for _ in range(2 * WINDOW)]
    assert not any(asked[: WINDOW - terms.many])
    assert any(asked)


@given(SHARES, STRETCHES, STRETCHES)
def test_what_is_remembered_goes_on_where_it_was(share, before, after):
    spending, terms = Spending(), Terms.of(share)
    for below, toss, many in before:
        for _ in range(many):
            spend(spending, terms, below, toss)
    again = Spending.from_bytes(spending.to_bytes())
    for below, toss, many in after:
        for _ in range(many):
            assert spending.chance(terms) == again.chance(terms)
            assert spend(spending, terms, below, toss) == spend(again, terms, below, toss)
    assert spending.to_bytes() == again.to_bytes()
