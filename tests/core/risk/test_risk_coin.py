import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from winnow.core.risk.coin import coin, coins, look

OFFSETS = [0, 7, 8, 123456789]
TOSSES = [0.3861146066114676, 0.07068196222047185, 0.6457624931043898, 0.8196281716879941]


def test_the_coin_gives_the_known_tosses():
    assert [coin("salt", "abcdefgh", 3, offset) for offset in OFFSETS] == TOSSES
    assert coins("salt", "abcdefgh", 3, OFFSETS).tolist() == TOSSES


@given(st.lists(st.integers(0, 2**40), max_size=40), st.sampled_from(["", "budget", "blind"]))
def test_many_coins_are_the_single_ones_in_any_order(offsets, purpose):
    together = coins("s", "replay00", 0, np.array(offsets, dtype=np.int64), purpose)
    assert together.tolist() == [coin("s", "replay00", 0, offset, purpose) for offset in offsets]


def test_salt_stream_partition_and_purpose_each_make_another_coin():
    tosses = {
        coin("s", "replay00", 0, 5),
        coin("t", "replay00", 0, 5),
        coin("s", "replay01", 0, 5),
        coin("s", "replay00", 1, 5),
        coin("s", "replay00", 0, 5, "budget"),
        coin("s", "replay00", 0, 5, "blind"),
    }
    assert len(tosses) == 6


def test_tosses_are_uniform_and_neighbours_tell_nothing_of_each_other():
    tosses = coins("s", "replay00", 0, np.arange(100_000))
    for rate in (0.02, 0.08, 0.16, 0.5):
        assert np.mean(tosses < rate) == pytest.approx(rate, abs=4 * (rate * (1 - rate) / 100_000) ** 0.5)
    for other in (np.roll(tosses, 1), coins("t", "replay00", 0, np.arange(100_000)), np.roll(tosses, 8)):
        assert abs(np.corrcoef(tosses, other)[0, 1]) < 4 / 100_000**0.5


def test_the_ledger_coin_is_constant_whatever_is_audited_on_top():
    tosses = coins("s", "replay00", 0, np.arange(50_000)).tolist()
    for audit_rate in (0.08, 0.16, 0.4):
        looks = [look(toss, audit_rate, 0.08) for toss in tosses]
        audits = looks.count("ledger") + looks.count("extra")
        assert audits / 50_000 == pytest.approx(audit_rate, abs=0.01)
        assert looks.count("ledger") / (50_000 - looks.count("extra")) == pytest.approx(0.08, abs=0.006)


def test_without_extra_audits_every_audit_is_in_the_ledger():
    assert [look(toss, 0.08, 0.08) for toss in (0.0, 0.079, 0.08, 1.0)] == ["ledger", "ledger", "none", "none"]


def test_rows_of_the_table_meet_where_they_should():
    first_row = (0.16 - 0.08) / (1 - 0.08)
    assert [look(toss, 0.16, 0.08) for toss in (first_row - 1e-9, first_row, 0.16 - 1e-9, 0.16)] == [
        "extra",
        "ledger",
        "ledger",
        "none",
    ]
