import json
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from winnow.core.risk.ledger import Ledger
from winnow.core.risk.ledger_bound import most_wrong


def ledger(target=0.05, risk=0.05):
    book = Ledger(target, risk, allowance_factor=3.0)
    book.begin_epoch(10, 0.08, 0.0)
    return book


def test_the_risks_of_all_chapters_together_stay_below_the_whole():
    book = ledger()
    for version in range(20, 4_000):
        book.begin_chapter(version, 0.08, 0.0)
    assert book.chapters[0].risk == pytest.approx(0.0303964, abs=1e-7)
    assert 0.0499 < sum(chapter.risk for chapter in book.chapters) < 0.05


def test_a_chapter_owns_the_versions_from_its_first_to_the_next():
    book = ledger()
    book.begin_chapter(20, 0.04, 0.0)
    book.begin_epoch(30, 0.08, 0.0)
    found = [book.chapter_of(version) for version in (9, 10, 19, 20, 30, 99)]
    assert [(c.epoch, c.number) if c else None for c in found] == [None, (1, 1), (1, 1), (1, 2), (2, 1), (2, 1)]
    assert [book.is_current_epoch(version) for version in (9, 29, 30)] == [False, False, True]


def test_no_more_labels_can_be_wrong_than_were_released():
    book = ledger()
    book.current.released = 7
    assert book.bound == 7
    book.current.never = 2
    assert book.bound == 9


def test_the_first_labels_live_on_the_allowance():
    book = ledger()
    assert book.may_release(book.current, 1)
    allowance = book.current.allowance(3.0)
    assert allowance == pytest.approx(3 * 48.661, abs=0.01)
    while book.current.wrong_at_most <= allowance + 0.05:
        book.current.found += 1
    assert not book.may_release(book.current, 1)
    assert book.may_release(book.current, 100_000)


def test_chapters_of_an_epoch_are_judged_together_and_epochs_are_not():
    book = ledger()
    book.current.released = 20_000
    book.begin_chapter(20, 0.04, 0.0)
    book.current.found = 8
    assert book.current.wrong_at_most > book.current.allowance(3.0)
    assert book.may_release(book.current, 1)
    book.begin_epoch(30, 0.04, 0.0)
    book.current.found = 8
    assert not book.may_release(book.current, 1)


def test_reviewers_who_overlook_errors_make_the_bound_wider():
    honest, careless = ledger(), Ledger(0.05, 0.05, 3.0)
    careless.begin_epoch(10, 0.08, 0.3)
    assert careless.current.wrong_at_most > honest.current.wrong_at_most
    assert careless.current.wrong_at_most == most_wrong(0, 0.08 * 0.7, careless.current.risk)


@given(st.lists(st.sampled_from(["found", "never", "released", "chapter", "epoch"]), max_size=60))
def test_closed_bounds_never_fall_and_a_restored_ledger_is_the_same(events):
    book, versions, before = ledger(), count(20), 0.0
    for event in events:
        if event == "chapter":
            book.begin_chapter(next(versions), book.current.rate / 2, 0.0)
        elif event == "epoch":
            book.begin_epoch(next(versions), 0.08, 0.0)
        else:
            setattr(book.current, event, getattr(book.current, event) + 1)
        assert book.bound >= before
        before = book.bound
    again = ledger()
    again.restore(json.loads(json.dumps(book.snapshot())))
    assert again.chapters == book.chapters
