"""Whatever comes in whatever order: one end for each request, and a restart changes nothing."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.review.review_kafka import REVIEWERS, ReviewKafka, review_rules
from tests.review.review_messages import NOON, audit_request, review_request, review_response

from winnow.review.handler import RebuildPace
from winnow_schemas.codec import decode
from winnow_schemas.evidence import Closed

NUMBERS = st.integers(0, 4)
RESPONSES = st.builds(
    lambda number, opening, reviewer, action, label, copy: review_response(
        number,
        reviewer,
        action,
        request_id=f"streamid/0/{number}" + (f"#{opening}" if opening > 1 else ""),
        response_id=f"{reviewer}/{number}/{opening}/{action}/{copy}",
        label=label if action == "label" else None,
    ),
    NUMBERS,
    st.integers(1, 2),
    st.sampled_from([*REVIEWERS, "mallory"]),
    st.sampled_from(["label", "label", "label", "skip", "put_back", "undo"]),
    st.sampled_from(["ham", "spam"]),
    st.integers(0, 1),
)
STEPS = st.lists(
    st.one_of(
        NUMBERS.map(lambda number: ("request", number)),
        RESPONSES.map(lambda response: ("response", response)),
        st.integers(0, 3).map(lambda hidden: ("turn", hidden)),
        st.just(("abort", None)),
        st.just(("restart", None)),
        st.integers(1, 8).map(lambda minutes: ("time", minutes)),
    ),
    max_size=60,
)
PACES = st.builds(
    RebuildPace,
    piece=st.integers(1, 3),
    pieces_at_start=st.integers(0, 3),
    pieces_a_turn=st.integers(1, 3),
    messages_a_turn=st.integers(1, 3),
)
"""However slowly Kafka's past is read again, and whatever comes meanwhile."""
RULES = st.builds(review_rules, answers=st.integers(1, 3), max_skips=st.integers(1, 3))


REPEATED_WITHIN_S = 240.0
"""A repeat of what was closed is known as one while that is remembered: for five minutes of the topic's time."""


def _run(kafka: ReviewKafka, steps: list[tuple[str, object]], *, restarts: bool) -> None:
    first_asked: dict[int, float] = {}
    for kind, value in steps:
        if kind == "request" and kafka.now - first_asked.setdefault(value, kafka.now) <= REPEATED_WITHIN_S:
            make = audit_request if value == 0 else review_request
            kafka.request(make(value, expires_at=NOON + timedelta(minutes=20)))
        elif kind == "response":
            kafka.response(value)
        elif kind == "turn":
            kafka.hidden_requests = min(value, len(kafka.request_log) - kafka.positions[next(iter(kafka.positions))])
            kafka.turn(requests=3, responses=3)
            kafka.hidden_requests = 0
        elif kind == "abort" and restarts:
            kafka.turn(aborts=True)
        elif kind == "restart" and restarts:
            kafka.start_worker()
        elif kind == "time":
            kafka.now += value * 60
    _come_to_rest(kafka)


def _come_to_rest(kafka: ReviewKafka) -> None:
    for _ in range(2 * (len(kafka.response_log) + len(kafka.request_log) + len(kafka.written)) + 8):
        kafka.turn()


def _ends(kafka: ReviewKafka) -> Counter[tuple[str, int]]:
    closed = [decode(Closed, message.value) for message in kafka.of("evidence")]
    return Counter((each.request_id, each.revision) for each in closed)


@settings(max_examples=150, deadline=None)
@given(steps=STEPS, rules=RULES, pace=PACES)
def test_each_request_ends_at_most_once_and_every_end_has_its_product(steps, rules, pace) -> None:
    kafka = ReviewKafka(rules, rebuild_pace=pace)
    _run(kafka, steps, restarts=True)

    ends = _ends(kafka)
    assert all(times == 1 for times in ends.values()), ends
    assert len({message.key for message in kafka.of("verdicts")}) == len(kafka.of("verdicts"))
    closings = Counter(decode(Closed, message.value).closing for message in kafka.of("evidence"))
    assert closings["right"] + closings["wrong"] == len(kafka.of("verdicts")) == len(kafka.of("labels"))
    assert closings["expired"] + closings["skipped"] == len(kafka.of("unlabelled"))
    assert closings["reopened"] == len(kafka.of("review-requests"))


@settings(max_examples=150, deadline=None)
@given(steps=STEPS, rules=RULES, pace=PACES)
def test_a_worker_started_anew_knows_what_the_old_one_knew(steps, rules, pace) -> None:
    kafka = ReviewKafka(rules)
    _run(kafka, steps, restarts=False)
    before = kafka.handler.snapshot()
    kafka.rebuild_pace = pace
    kafka.start_worker()
    _come_to_rest(kafka)
    assert kafka.handler.snapshot() == before


@pytest.mark.parametrize("answers", [1, 2, 3])
def test_an_open_request_is_never_forgotten(answers: int) -> None:
    kafka = ReviewKafka(review_rules(answers=answers))
    for number in range(50):
        kafka.request(review_request(number))
    kafka.turn()
    for number in range(1, 50):
        for reviewer in REVIEWERS[:answers]:
            kafka.response(review_response(number, reviewer))
    kafka.turn(responses=500)
    kafka.start_worker()
    assert [request.request_id for request in kafka.queue.tables[0]] == ["streamid/0/0"]
