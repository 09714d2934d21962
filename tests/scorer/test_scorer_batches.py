"""A batch is decided and written as its records would be one by one, whatever they, the model and the policy are."""

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import record_by_record
from winnow.core.batch_scores import BatchScores, BatchVotes
from winnow.core.sampling import PartitionBudget, TaskBudget
from winnow.runtime.messages import Assignment, Commit, Incoming, Partition
from winnow.runtime.metrics import MetricsWindow
from winnow.scorer.figures import Figures
from winnow.scorer.functions import no_functions
from winnow.scorer.handler import NO_BUDGET, ScorerHandler
from winnow.scorer.knowledge import Versions
from winnow.scorer.settings import ScorerSettings
from winnow_schemas.base import NO_MODEL, NO_POLICY
from winnow_schemas.codec import decode
from winnow_schemas.dead_letters import DeadLetter
from winnow_schemas.evidence import Counts
from winnow_schemas.labels import Label
from winnow_schemas.policies import LabelRule, Policy
from winnow_schemas.review_requests import ReviewRequest
from winnow_schemas.task import Task
from winnow_schemas.topics import Topics
from winnow_schemas.unlabelled import Unlabelled

NOW = 1_800_000_000.25
AT = datetime.fromtimestamp(NOW, UTC)
TOPICS = Topics("w")
CONTRACTS = {
    TOPICS["labels"]: Label,
    TOPICS["review-requests"]: ReviewRequest,
    TOPICS["unlabelled"]: Unlabelled,
    TOPICS["dead-letters"]: DeadLetter,
}
NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
UNIT = st.floats(0, 1)


class Oracle:
    """A model whose scores follow from the record's place in its batch, as a table made beforehand says."""

    version, misfits, pooling = 400, 0, None

    def __init__(self, labels, rows, *, votes, takes_numbers=False):
        self.labels, self.votes, self.rows = labels, votes, rows
        self.of_numbers = self._of_numbers if takes_numbers else None

    def score_batch(self, records, heard=None):
        return self._scores([record["features"]["place"] for record in records])

    def _of_numbers(self, numbers):
        return self._scores(numbers.table[0].tolist())

    def _scores(self, places):
        table = np.array([self.rows[int(place)] for place in places]).reshape(len(places), len(self.labels))
        votes = None
        if self.votes:
            votes = BatchVotes(("bayes", 'the "linear"'), np.log(np.stack([table, table], axis=1) / 2 + 0.1))
        return BatchScores(self.labels, table, votes)


class Known:
    """What a scorer knows."""

    def __init__(self, scorer, policy, functions=no_functions):
        self.scorer, self.policy, self.functions = scorer, policy, functions
        self.policy_for_champion, self.model_since = policy, 0
        self.versions = Versions(scorer.version if scorer else NO_MODEL, policy.version if policy else NO_POLICY)

    def catch_up(self):
        pass

    def follow(self, now):
        return []

    def is_in_force(self, now):
        return self.policy is not None


@st.composite
def rows(draw, labels):
    """Probabilities, or now and then what a model that has lost its way gives."""
    if draw(st.integers(0, 5)) == 0:
        return [draw(st.sampled_from([0.5, float("nan"), -0.1, 1.5, float("inf")])) for _ in range(labels)]
    weights = [draw(st.integers(0, 9)) for _ in range(labels)]
    total = sum(weights) or 1
    return [weight / total for weight in weights]


@st.composite
def policies(draw, labels):
    def rates():
        ledger = draw(st.floats(0.01, 0.6))
        return {"ledger_rate": ledger, "audit_rate": draw(st.floats(ledger, 0.9))}

    states = st.sampled_from(["cold", "building", "probation", "auto", "auto", "auto", "suspended", "halted"])
    some = st.lists(st.sampled_from(labels), unique=True)
    per_label = {label: LabelRule(state=draw(states), epoch=9, **rates()) for label in draw(some)}
    return Policy(
        version=5,
        epoch=2,
        state=draw(states),
        thresholds={label: draw(st.floats(0, 0.7)) for label in draw(some)},
        open_share=draw(st.sampled_from([1.0, 1.0, 0.5, 0.0])),
        review_share=draw(st.none() | st.sampled_from([0.001, 0.3, 0.9])),
        per_label=draw(st.none() | st.just(per_label)),
        target=0.05,
        confidence=0.95,
        salt_id="5a17",
        at=AT,
        valid_until=AT + timedelta(seconds=draw(st.sampled_from([60, 60, 60, -1]))),
        **rates(),
    )


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | NAMES,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=2),
    max_leaves=4,
)
MORE = st.fixed_dictionaries(
    {},
    optional={
        "id": NAMES,
        "group": NAMES,
        "show": st.dictionaries(NAMES, NAMES, max_size=2),
        "at": st.sampled_from(["2026-01-01T12:00:00Z", "2026-01-01T12:00:00+05:30"]),
        "text": NAMES,
        "embedding": st.lists(st.floats(-9, 9), max_size=2),
        "unknown": ANYTHING,
        "null": st.none(),
    },
)
BROKEN = st.sampled_from([None, b"", b"{", b"{}", b"[]", b'{"features":{"place":NaN}}', b'{"text":"a"} {"text":"b"}'])
HEADERS = st.sampled_from([(), (("traceparent", b"00-1"), ("empty", None))])


@st.composite
def messages(draw):
    """Records of two partitions, in runs, with gaps between their offsets."""
    batch, offsets = [], {0: 7, 1: 0}
    for place in range(draw(st.integers(1, 12))):
        partition = draw(st.integers(0, 1))
        offsets[partition] += draw(st.sampled_from([1, 1, 1, 9]))
        record = {**draw(MORE), "features": {"place": place}}
        indent, escaped = draw(st.sampled_from([None, 1])), draw(st.booleans())
        value = json.dumps(record, indent=indent, ensure_ascii=escaped).encode()
        if draw(st.integers(0, 9)) == 0:
            value = draw(BROKEN)
        batch.append(Incoming(TOPICS["records"], partition, offsets[partition], b"key", value, NOW, draw(HEADERS)))
    return batch


@st.composite
def functions(draw, labels):
    """None, or what some say of each place."""
    if draw(st.booleans()):
        return no_functions
    said = [draw(st.dictionaries(NAMES, st.sampled_from(labels), max_size=2)) for _ in range(12)]
    return lambda records: [said[int(record["features"]["place"])] for record in records]


@st.composite
def desks(draw):
    """Settings and what is known."""
    labels = tuple(draw(st.lists(NAMES, min_size=2, max_size=7, unique=True)))
    task = Task.model_validate(
        {
            "task": "any",
            "labels": labels,
            "input": {"features": {"place": "number"}},
            "confidence": draw(st.sampled_from(["entropy", "margin", "top"])),
            "sampling": draw(
                st.sampled_from([["uncertainty"], ["random"], {"margin": 2, "disagreement": 1, "novelty": 1}])
            ),
            "budget": draw(st.none() | st.sampled_from([{"share": 0.2}, {"per_hour": 600}])),
        }
    )
    settings = ScorerSettings(task, TOPICS, "stream01", "salt", "5a17", labels_with_scores=draw(st.integers(1, 7)))
    table = [draw(rows(len(labels))) for _ in range(12)]
    scorer = draw(
        st.none() | st.just(Oracle(labels, table, votes=draw(st.booleans()), takes_numbers=draw(st.booleans())))
    )
    return SimpleNamespace(
        settings=settings, known=Known(scorer, draw(st.none() | policies(labels)), draw(functions(labels)))
    )


def handler_of(desk):
    window = MetricsWindow("scorer", "scorer.0", TOPICS["metrics"], NOW, rates=("records",))
    handler = ScorerHandler(desk.settings, desk.known, Figures(window, lambda: 0.0), lambda: None, desk.known.functions)
    handler.assigned(Assignment({Partition(TOPICS["records"], number): Commit(0) for number in (0, 1)}))
    return handler


def budgets_of(desk):
    if desk.settings.task.budget is None:
        return None
    budget = TaskBudget(desk.settings.task)
    return {number: PartitionBudget(budget) for number in (0, 1)}


def about_records(outgoing):
    return [message for message in outgoing if message.topic in CONTRACTS]


def told(outgoing):
    """By key and position what each message says, whatever the order of its fields."""
    said = [(m.topic, m.key, tuple(m.headers), decode(CONTRACTS[m.topic], m.value)) for m in outgoing]
    return [message for message in said if message[0] != TOPICS["dead-letters"]], [
        message for message in said if message[0] == TOPICS["dead-letters"]
    ]


@given(desks(), messages())
def test_a_batch_becomes_what_its_records_would_become_one_by_one(desk, batch):
    outgoing = about_records(handler_of(desk).handle(batch, NOW))
    expected = record_by_record.outcomes(desk.settings, desk.known, batch, NOW, budgets_of(desk))
    assert told(outgoing) == told(expected)
    for message in outgoing:
        assert_absent_beats_null(json.loads(message.value))


def assert_absent_beats_null(said):
    assert None not in said.values()
    for inner in ("record", "decision"):
        assert None not in said.get(inner, {}).values()


@settings(max_examples=50)
@given(desks(), messages())
def test_a_batch_is_counted_as_what_was_written(desk, batch):
    outgoing = handler_of(desk).handle(batch, NOW)
    written = [decode(CONTRACTS[message.topic], message.value) for message in about_records(outgoing)]
    counts = [decode(Counts, message.value) for message in outgoing if message.topic == TOPICS["evidence"]]
    looks = [one.decision.look for one in written if isinstance(one, ReviewRequest)]
    by_look = dict.fromkeys(("unseen", "ledger_audits", "extra_audits", "reviews"), 0)
    for of_label in (label for one in counts for label in one.labels.values()):
        for name, count in of_label.model_dump().items():
            by_look[name] += count
    assert by_look["unseen"] == sum(isinstance(one, Label) for one in written)
    assert (by_look["ledger_audits"], by_look["extra_audits"]) == (looks.count("ledger"), looks.count("extra"))
    assert by_look["reviews"] + sum(one.no_model for one in counts) == looks.count("review")
    assert sum(one.unlabelled for one in counts) == sum(isinstance(one, Unlabelled) for one in written)
    assert sum(one.dead for one in counts) == sum(isinstance(one, DeadLetter) for one in written)
    assert sum(sum(one.reasons.values()) + one.dead for one in counts) == len(batch)


FORGED = [
    b'{"id":"a","features":{"place":0}},{"id":"b","features":{"place":0}}',
    b'{"id":"a","features":{"place":0}}\n{"id":"b","features":{"place":0}}',
    b'{"id":"a","features":{"place":0}',
    b'{"id":"b","text":"x"}]}',
    b'{"id":"a","id":"b","features":{"place":1},"features":{"place":0}}',
    b'{"id":"\\",\\"label\\":\\"x","features":{"place":0}}',
    b' {"id":"a" , "features" : {"place" : 0e0 , "place":-0} } ',
    b'{"id":"a","features":{"place":0},"deep":' + b"[" * 60 + b"]" * 60 + b"}",
    b'{"id":"a","features":{"place":0},"deep":' + b"[" * 70 + b"]" * 70 + b"}",
    b'{"id":"a","features":{"place":0},"far":1e999}',
    b'{"id":"a","features":{"place":0},"bad":"\\ud800"}',
    b'{"id":"a","features":{"place":0},"bad":"\xff"}',
    b'\xef\xbb\xbf{"id":"a","features":{"place":0}}',
]


@pytest.mark.parametrize("model", ["of records", "of numbers", None])
def test_forged_messages_do_not_reach_into_their_neighbours(model):
    labels = ("a", "b")
    task = Task.model_validate({"task": "any", "labels": labels, "input": {"features": {"place": "number"}}})
    scorer = Oracle(labels, [[0.25, 0.75]], votes=False, takes_numbers=model == "of numbers") if model else None
    desk = SimpleNamespace(settings=ScorerSettings(task, TOPICS, "stream01", "salt", "5a17"), known=Known(scorer, None))
    batch = [
        Incoming(TOPICS["records"], 0, offset, b"key", value, NOW)
        for offset, forged in enumerate(FORGED)
        for value in (forged, b'{"id":"honest","features":{"place":0}}')
    ]
    batch = [message._replace(offset=offset) for offset, message in enumerate(batch)]
    outgoing = about_records(handler_of(desk).handle(batch, NOW))
    assert told(outgoing) == told(record_by_record.outcomes(desk.settings, desk.known, batch, NOW))
    offsets = [int(m.key.rsplit(b"/")[-1]) for m in outgoing if m.topic == TOPICS["dead-letters"]]
    assert all(before < after for before, after in pairwise(offsets))


def budgeted_handler(start, share=0.2):
    task = {"task": "any", "labels": ["a", "b"], "input": {"features": {"place": "number"}}, "budget": {"share": share}}
    settings = ScorerSettings(Task.model_validate(task), TOPICS, "stream01", "salt", "5a17")
    scorer = Oracle(("a", "b"), [[0.5 + place / 2_000, 0.5 - place / 2_000] for place in range(900)], votes=False)
    handler = handler_of(SimpleNamespace(settings=settings, known=Known(scorer, None)))
    handler.assigned(Assignment({RECORDS: start}))
    return handler


RECORDS = Partition(TOPICS["records"], 0)


def plain(first, many):
    values = (b'{"id":"r%d","features":{"place":%d}}' % (offset, offset) for offset in range(first, first + many))
    return [Incoming(RECORDS.topic, 0, first + n, b"key", value, NOW) for n, value in enumerate(values)]


def asked_by(outgoing):
    return [message.key for message in outgoing if message.topic == TOPICS["review-requests"]]


@pytest.mark.parametrize("share", [0.2, 0.02])
def test_batches_of_any_size_and_a_restart_between_them_ask_the_same(share):
    whole = asked_by(budgeted_handler(Commit(0), share).handle(plain(0, 900), NOW))
    assert len(whole) <= 1_000 * share
    commit, asked, first = Commit(0), [], 0
    for many in (1, 7, 192, 1, 499, 200):
        handler = budgeted_handler(commit, share)
        asked += asked_by(handler.handle(plain(first, many), NOW))
        first += many
        commit = handler.commits({RECORDS: first})[RECORDS]
    assert (asked, first) == (whole, 900)


def test_an_aborted_batch_costs_nothing():
    handler = budgeted_handler(Commit(0))
    before = handler.commits({RECORDS: 0})[RECORDS]
    once = asked_by(handler.handle(plain(0, 300), NOW))
    handler.aborted()
    handler.assigned(Assignment({RECORDS: before}))
    assert asked_by(handler.handle(plain(0, 300), NOW)) == once


@pytest.mark.parametrize(("note", "asks"), [("", False), ("what is this", False), (NO_BUDGET, True)])
def test_what_cannot_be_known_counts_as_spent_and_where_there_was_no_budget_nothing_is(note, asks):
    handler = budgeted_handler(Commit(500, note))
    assert bool(asked_by(handler.handle(plain(500, 300), NOW))) == asks
