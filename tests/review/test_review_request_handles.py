"""Ids of blind requests tell nothing, and come back as they were."""

from hypothesis import given
from hypothesis import strategies as st

from winnow.review.gold_checks import check_id
from winnow.review.request_handles import RequestHandles

HANDLES = RequestHandles(b"a secret of these tests")
IDS = st.builds(
    lambda stream, partition, offset, opening: (
        f"{stream}/{partition}/{offset}" + (f"#{opening}" if opening > 1 else "")
    ),
    st.text("0123456789abcdef", min_size=8, max_size=8),
    st.integers(0, 999),
    st.integers(0, 10**12),
    st.integers(1, 5),
)


@given(request_id=IDS)
def test_a_sealed_id_is_opened_again_and_by_nobody_else(request_id: str) -> None:
    handle = HANDLES.shown(request_id, blind=True)
    assert HANDLES.real(handle) == request_id
    assert handle == HANDLES.shown(request_id, blind=True)
    assert RequestHandles(b"another secret").real(handle) == handle


@given(request_id=IDS)
def test_gold_and_audits_look_alike(request_id: str) -> None:
    decision = request_id.partition("#")[0]
    gold = check_id(decision)
    assert gold != decision
    shown = [HANDLES.shown(each, blind=True) for each in (decision, gold)]
    assert len(shown[0]) == len(shown[1])
    assert not any(part in each for each in shown for part in (decision[:8], gold[:8]))


@given(request_id=IDS)
def test_what_is_not_blind_keeps_its_id(request_id: str) -> None:
    assert HANDLES.shown(request_id, blind=False) == request_id
    assert HANDLES.real(request_id) == request_id


@given(text=st.text(max_size=200))
def test_whatever_somebody_makes_up_is_no_request(text: str) -> None:
    assert HANDLES.real(f"~{text}") == f"~{text}"


def test_how_often_it_was_opened_again_is_no_secret() -> None:
    once, twice = (HANDLES.shown(each, blind=True) for each in ("streamid/0/1", "streamid/0/1#2"))
    assert twice == f"{once}#2"
