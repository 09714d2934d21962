import json

from hypothesis import given
from hypothesis import strategies as st

from winnow.core.risk.cohorts import CohortBook


def book(most, versions, walls=()):
    cohorts = CohortBook(most)
    for version in versions:
        cohorts.open(version, float(version), walls)
        cohorts.find(version).tally(0).unseen += version
    return cohorts


@given(st.integers(4, 10), st.integers(1, 60))
def test_joined_cohorts_lose_no_label_and_keep_every_version(most, count):
    cohorts = book(most, range(count))
    assert len(cohorts) <= most
    assert cohorts.unseen == sum(range(count))
    assert all(cohorts.find(version) for version in range(count))
    assert cohorts.find(count) is None


def test_the_newest_cohort_stays_alone_and_no_wall_is_crossed():
    cohorts = book(4, range(12), walls=(5,))
    assert cohorts.find(11).first == 11
    assert cohorts.find(4).last == 4
    assert cohorts.find(5).first == 5


def test_versions_between_two_joined_ones_belong_to_them():
    cohorts = book(3, (10, 20, 30, 40, 50))
    assert cohorts.find(10).last > 10
    assert cohorts.find(15) is cohorts.find(10)


def test_withdrawn_labels_no_longer_count_as_held():
    cohorts = book(10, range(5))
    cohorts.withdraw()
    assert cohorts.unseen == 0


@given(st.integers(0, 40), st.booleans())
def test_a_restored_book_is_the_same(count, withdrawn):
    cohorts = book(6, range(count))
    if withdrawn:
        cohorts.withdraw()
    again = CohortBook(6)
    again.restore(json.loads(json.dumps(cohorts.snapshot())))
    assert again.snapshot() == cohorts.snapshot()
