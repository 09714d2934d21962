import json

from hypothesis import given
from hypothesis import strategies as st
from tests.monitor.evidence_stream import START, closing

from winnow.monitor.flow_counts import FlowCounts
from winnow_schemas.evidence import Command, Counts, LabelCounts

NUMBERS = st.integers(0, 50)
LABELS = st.builds(LabelCounts, unseen=NUMBERS, ledger_audits=NUMBERS, extra_audits=NUMBERS, reviews=NUMBERS)
COUNTS = st.builds(
    Counts,
    stream=st.just("abcdefgh"),
    partition=st.integers(0, 3),
    first=st.just(0),
    end=st.just(0),
    policy_version=st.just(1),
    model_version=st.just(1),
    labels=st.dictionaries(st.sampled_from(["ham", "spam"]), LABELS),
    no_model=NUMBERS,
    unlabelled=NUMBERS,
    dead=NUMBERS,
    at=st.just(START),
)
CLOSINGS = st.builds(
    lambda kind, reason: closing(1, closing=kind, reason=reason),
    st.sampled_from(["right", "wrong", "expired", "skipped", "unreadable", "withdrawn"]),
    st.sampled_from(["audit", "uncertain", "gold", "recalled"]),
)
COMMANDS = st.builds(Command, command_id=st.just("c"), action=st.just("halt"), operator=st.just("o"), at=st.just(START))


@given(st.lists(COUNTS | CLOSINGS | COMMANDS))
def test_every_record_is_counted_once_and_every_review_is_open_or_closed(evidence):
    flow = FlowCounts()
    for each in evidence:
        flow.add(each)

    figures = flow.figures()
    assert figures["records"] == sum(figures[name] for name in ("auto", "review", "unlabelled", "dead"))
    assert figures["review"] == figures["open"] + figures["closed"]
    assert figures["closed"] >= figures["labelled_by_people"] + figures["expired"]


@given(st.lists(COUNTS | CLOSINGS), st.lists(COUNTS | CLOSINGS))
def test_counting_on_from_a_snapshot_gives_the_same(before, after):
    whole, first, second = FlowCounts(), FlowCounts(), FlowCounts()
    for each in before:
        first.add(each)
    second.restore(json.loads(json.dumps(first.snapshot())))
    for each in after:
        second.add(each)
    for each in before + after:
        whole.add(each)

    assert second.figures() == whole.figures()


def test_requests_that_no_scorer_made_are_no_part_of_the_sum():
    flow = FlowCounts()
    flow.add(closing(1, reason="gold"))

    assert flow.figures()["closed"] == 0


def test_an_answer_taken_back_is_open_until_it_is_answered_again():
    flow = FlowCounts()
    story = [("right", 1, ""), ("reopened", 2, ""), ("wrong", 3, "#2")]
    closed = []
    for kind, revision, suffix in story:
        flow.add(closing(1, closing=kind, revision=revision, request_id=f"abcdefgh/0/1{suffix}"))
        closed.append((flow.figures()["closed"], flow.figures()["labelled_by_people"]))

    assert closed == [(1, 1), (0, 0), (1, 1)]
