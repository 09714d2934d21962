from faust.types import TP
from hypothesis import given
from hypothesis import strategies as st

from winnow.monitor.evidence_chain import EvidenceChain, ReadOffsets

OFFSETS = st.lists(st.integers(10, 1000), unique=True, min_size=1).map(sorted)


def taken(chain, start, offsets):
    """What a reader takes that wants `start` and then whatever follows on it."""
    wanted, took = start, []
    for offset in offsets:
        if chain.before(offset) == wanted - 1 and offset >= wanted:
            took.append(offset)
            wanted = offset + 1
    return took


@given(OFFSETS, st.data())
def test_what_comes_after_a_lost_message_is_not_taken(offsets, data):
    chain = EvidenceChain()
    chain.sought(10)
    chain.fetched(offsets)
    lost = data.draw(st.sampled_from(offsets))

    assert taken(chain, 10, [offset for offset in offsets if offset != lost]) == [o for o in offsets if o < lost]


@given(OFFSETS)
def test_after_a_seek_everything_is_taken_from_there(offsets):
    chain = EvidenceChain()
    chain.sought(10)
    chain.fetched(offsets)
    again = offsets[len(offsets) // 2 :]

    chain.sought(again[0])
    chain.fetched(again)

    assert taken(chain, again[0], again) == again


def test_nothing_is_taken_before_the_first_seek():
    chain = EvidenceChain()
    chain.fetched([10, 11])

    assert taken(chain, 10, [10, 11]) == []


def test_what_was_under_way_when_a_seek_went_back_is_still_in_its_place():
    chain = EvidenceChain()
    chain.sought(10)
    chain.fetched([10, 12, 13])
    chain.sought(12)
    chain.fetched([12, 13, 17])

    assert taken(chain, 12, [13, 12, 13, 17]) == [12, 13, 17]


def test_nothing_is_taken_of_a_partition_that_was_taken_away():
    chain = EvidenceChain()
    chain.sought(10)
    chain.fetched([10])
    chain.forget()
    chain.fetched([11])

    assert taken(chain, 10, [10, 11]) == []


def test_faust_remembers_what_it_read_of_everything_but_the_evidence():
    evidence, changelog = TP("evidence", 0), TP("changelog", 0)
    read = ReadOffsets(evidence)
    read[evidence] = read[changelog] = 7

    assert (read[evidence], read[changelog]) == (None, 7)
