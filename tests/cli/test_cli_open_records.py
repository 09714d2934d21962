"""Which sent records have no outcome yet."""

from hypothesis import given
from hypothesis import strategies as st

from winnow.cli.open_records import OpenRecords


def test_a_sent_record_is_open_until_its_outcome_is_seen() -> None:
    records = OpenRecords()
    records.sending()
    records.delivered((0, 7))
    assert records.open == 1

    records.ended((0, 7))

    assert records.open == 0


def test_an_outcome_may_be_seen_before_the_delivery_report() -> None:
    records = OpenRecords()
    records.sending()
    records.ended((0, 7))

    records.delivered((0, 7))

    assert records.open == 0


def test_a_record_the_broker_did_not_take_is_not_open() -> None:
    records = OpenRecords()
    records.sending()

    records.failed()

    assert (records.open, records.sent) == (0, 0)


@given(st.lists(st.integers(0, 30), unique=True), st.data())
def test_others_records_and_second_outcomes_change_nothing(ours: list[int], data: st.DataObject) -> None:
    theirs = [offset + 100 for offset in ours]
    events = data.draw(st.permutations([("d", o) for o in ours] + [("e", o) for o in (*ours, *theirs, *ours)]))
    records = OpenRecords()
    for _ in ours:
        records.sending()

    for kind, offset in events:
        (records.delivered if kind == "d" else records.ended)((0, offset))

    assert records.open == 0
