"""However certificates, labels, requests, answers and restarts interleave: each withdrawn label is taken back once."""

from collections import Counter, defaultdict
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.review.review_kafka import ReviewKafka, review_rules
from tests.review.review_messages import NOON, review_request, review_response

from winnow.review.recall_job import Pace
from winnow.review.withdrawn_versions import NOTHING_WITHDRAWN, WithdrawnVersions
from winnow_schemas.codec import decode
from winnow_schemas.evidence import Closed
from winnow_schemas.labels import Label
from winnow_schemas.review_requests import ReviewRequest
from winnow_schemas.unlabelled import Unlabelled

VERSIONS = st.integers(0, 9)
RANGES = st.lists(st.tuples(VERSIONS, VERSIONS).map(lambda pair: (min(pair), max(pair))), max_size=4)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("auto"), st.integers(0, 5), VERSIONS),
        st.tuples(st.just("auto"), st.integers(0, 30), VERSIONS),
        st.tuples(st.just("burst"), st.integers(2, 6), VERSIONS),
        st.tuples(st.just("ask"), st.integers(0, 5), st.just(0)),
        st.tuples(st.just("withdraw"), VERSIONS, VERSIONS),
        st.tuples(st.just("answer"), st.integers(0, 40), st.just(0)),
        st.tuples(st.just("turn"), st.integers(1, 6), st.just(0)),
        st.tuples(st.just("open"), st.integers(0, 3), st.just(0)),
        st.tuples(st.just("abort"), st.just(0), st.just(0)),
        st.tuples(st.just("restart"), st.just(0), st.just(0)),
    ),
    min_size=15,
    max_size=50,
)
PACES = st.builds(Pace, labels=st.integers(3, 20), recalls=st.integers(1, 4), pending=st.integers(2, 9))


class Story:
    """What the others write, and what must come of it."""

    def __init__(self, pace: Pace, most_open: int, *, keeps_notes: bool) -> None:
        self.kafka = ReviewKafka(review_rules(recall_max_open=most_open), pace)
        self.kafka.keeps_notes = keeps_notes
        self.most_open = most_open
        self.version_of: dict[str, int] = {}
        self.decisions: dict[str, list[str]] = defaultdict(list)
        self.withdrawn: list[tuple[int, int]] = []
        self.number = 0

    def step(self, kind: str, one: int, other: int) -> None:
        getattr(self, f"_{kind}")(one, other)
        asked = {decode(ReviewRequest, each.value).request_id for each in self.kafka.of("review-requests")}
        closed = {decode(Closed, each.value).request_id for each in self.kafka.of("evidence")}
        assert len(asked - closed) <= self.most_open

    def end(self) -> None:
        self.kafka.label_topics.first_open = None
        quiet = 0
        while quiet < 5 + len(self.kafka.label_topics.labels):
            quiet = 0 if self.kafka.turn() else quiet + 1
        self.step("turn", 1, 0)

    def _decided(self, record: int) -> tuple[int, dict[str, Any]]:
        number, self.number = self.number, self.number + 1
        self.decisions[f"record-{record}"].append(f"streamid/0/{number}")
        return number, {"decided_at": NOON + timedelta(seconds=number)}

    def _auto(self, record: int, version: int) -> None:
        number, when = self._decided(record)
        self.version_of[f"streamid/0/{number}"] = version
        self.kafka.label_topics.auto(number, version, record_id=f"record-{record}", **when)

    def _burst(self, count: int, version: int) -> None:
        for _ in range(count):
            self._auto(100 + self.number, version)

    def _ask(self, record: int, _: int) -> None:
        number, when = self._decided(record)
        self.kafka.request(review_request(number, record={"id": f"record-{record}", "text": "asked"}, **when))

    def _withdraw(self, one: int, other: int) -> None:
        self.withdrawn.append((min(one, other), max(one, other)))
        certificate = 100 + len(self.withdrawn)
        self.kafka.label_topics.withdraw(certificate, *WithdrawnVersions.of(self.withdrawn).ranges)

    def _answer(self, number: int, _: int) -> None:
        record_id = next((each for each, of in self.decisions.items() if f"streamid/0/{number}" in of), None)
        open_one = self.kafka.queue.tables[0].find(f"streamid/0/{number}")
        if record_id and open_one:
            self.kafka.response(review_response(number, "ada", record_id=record_id))

    def _turn(self, count: int, _: int) -> None:
        for _turn in range(count):
            self.kafka.turn()

    def _open(self, hidden: int, _: int) -> None:
        """A transaction that began some labels ago is open still; or it has ended."""
        topics = self.kafka.label_topics
        first = max(0, len(topics.labels) - hidden)
        topics.first_open = first if hidden and topics.first_open is None else None

    def _abort(self, *_: int) -> None:
        self.kafka.turn(aborts=True)

    def _restart(self, *_: int) -> None:
        self.kafka.start_worker()


@settings(max_examples=150, deadline=None)
@given(steps=STEPS, pace=PACES, most_open=st.integers(0, 6), keeps_notes=st.booleans())
def test_each_withdrawn_label_is_taken_back_once_and_no_other(steps, pace, most_open, keeps_notes) -> None:
    story = Story(pace, most_open, keeps_notes=keeps_notes)
    for step in steps:
        story.step(*step)
    story.end()

    kafka = story.kafka
    written = [decode(Label, each.value) for each in kafka.of("labels")]
    recalls = Counter(each.decision_id for each in written if each.source == "recall")
    withdrawn = WithdrawnVersions.of(story.withdrawn)
    due = {decision for decision, version in story.version_of.items() if version in withdrawn}
    newest = {decisions[-1] for decisions in story.decisions.values()}
    assert set(recalls) <= due
    assert all(times == 1 for times in recalls.values())
    assert due & newest <= set(recalls), "none is missing, but where a newer decision stands"

    asked = Counter(decode(ReviewRequest, each.value).request_id for each in kafka.of("review-requests"))
    left = [decode(Unlabelled, each.value) for each in kafka.of("unlabelled")]
    assert asked + Counter(each.decision_id for each in left if each.reason == "recalled") == recalls

    assert all(each.revision == 3 for each in written if each.source == "human" and each.decision_id in due)
    assert len({(each.decision_id, each.revision) for each in written}) == len(written)


@given(old=RANGES, new=RANGES, version=VERSIONS)
def test_ranges_are_sets_of_versions(old, new, version) -> None:
    one, other = WithdrawnVersions.of(old), WithdrawnVersions.of(new)
    versions = {each for first, last in new for each in range(first, last + 1)}
    known = {each for first, last in old for each in range(first, last + 1)}
    assert {each for each in range(12) if each in other} == versions
    assert other.first_not_in(one) == min(versions - known, default=None)
    assert {each for each in range(12) if each in other.through(version)} == {e for e in versions if e <= version}
    assert (one.digest == other.digest) == (known == versions)
    assert (one == NOTHING_WITHDRAWN) == (not known)
