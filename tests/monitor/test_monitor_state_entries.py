from hypothesis import given
from hypothesis import strategies as st

from winnow.monitor.state_entries import HEAD, Kept, head_entry, kept_state, slot_entries, slot_names

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(st.integers(0, 2**60), st.dictionaries(st.text(), JSON), st.dictionaries(st.text(), JSON))
def test_what_is_written_is_what_is_found(offset, head, slots):
    table = {**dict(slot_entries(slots)), HEAD: head_entry("topic id", offset, head)}

    assert kept_state(table) == Kept("topic id", offset, head, slots)


def test_slots_without_a_head_are_no_state():
    table = dict(slot_entries({"a/1": [1], "b/7": [2]}))

    assert kept_state(table) is None
    assert slot_names(table) == ["a/1", "b/7"]
