"""The scorer's logic without a broker: messages in, messages out."""

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from winnow.core.batch_scores import BatchScores
from winnow.core.decision import Case, Coins, Scored, decide
from winnow.core.models import build, river_input
from winnow.core.voting import PoolWeights, Votes
from winnow.runtime.errors import UsageError
from winnow.runtime.messages import Assignment, Commit, Incoming, Partition
from winnow.runtime.metrics import MetricsWindow
from winnow.runtime.model_keys import parse_model_keys
from winnow.runtime.model_state import ModelState
from winnow.runtime.snapshot_slots import CHAMPION, is_of_champion
from winnow.runtime.snapshots import SnapshotReader, publish, seal_snapshot
from winnow.scorer.champion import Champion
from winnow.scorer.figures import Figures
from winnow.scorer.handler import ScorerHandler
from winnow.scorer.knowledge import Knowledge
from winnow.scorer.settings import ScorerSettings
from winnow.scorer.tally import DecidedBy, Tally
from winnow_schemas.codec import decode, encode
from winnow_schemas.dead_letters import DeadLetter
from winnow_schemas.evidence import Counts
from winnow_schemas.labels import Label
from winnow_schemas.metrics import Metric
from winnow_schemas.policies import Policy
from winnow_schemas.review_requests import ReviewRequest
from winnow_schemas.task import ModelSpec, Task
from winnow_schemas.topics import Topics

NOW = 1_800_000_000.0
AT = datetime.fromtimestamp(NOW, UTC)
TOPICS = Topics("w")
KEYS = parse_model_keys("one:" + "11" * 32)
TASK = Task.model_validate(
    {
        "task": "sizes",
        "labels": ["small", "large"],
        "input": {"features": {"size": "number"}},
        "review": {"expires": "10d", "audit_expires": "2h"},
    }
)
SETTINGS = ScorerSettings(TASK, TOPICS, "stream01", "salt for tests", "5a17")


class Published:
    """What stands in `models` and `policies`."""

    def __init__(self):
        self.unread = []

    def read_to_end(self, timeout_s):
        return self.poll()

    def poll(self):
        unread, self.unread = self.unread, []
        return unread

    def model(self, version, model=None, fresh=(), since=None):
        state = ModelState(
            CHAMPION, "logistic", "sizes", version, version, version, AT, model or taught(version), fresh, since=since
        )
        for message in publish(TOPICS["models"], seal_snapshot(state, KEYS), None):
            self.unread.append(Incoming(message.topic, 0, 0, message.key, message.value, NOW))

    def policy(self, version, key=b"current", **changes):
        values = {
            "version": version,
            "epoch": 1,
            "state": "auto",
            "thresholds": {"small": 0.6, "large": 0.6},
            "audit_rate": 0.16,
            "ledger_rate": 0.08,
            "target": 0.05,
            "confidence": 0.95,
            "salt_id": "5a17",
            "at": AT,
            "valid_until": AT + timedelta(seconds=60),
        }
        value = encode(Policy(**{**values, **changes}))
        self.unread.append(Incoming(TOPICS["policies"], 0, 0, key, value, NOW))


def taught(verdicts, task=TASK, name="logistic"):
    model = build(task, name)
    for number in range(verdicts):
        size = float(number % 7 - 3)
        model.learn_one({"size": size}, "large" if size > 0 else "small")
    return model


class Desk:
    """A scorer's handler and what it wrote."""

    def __init__(self, settings=SETTINGS, partitions=(0, 1)):
        self.published = Published()
        self.champion = Champion(settings.task)
        snapshots = SnapshotReader("sizes", KEYS, is_of_champion, self.champion.knows)
        self.knowledge = Knowledge(self.published, snapshots, self.champion, TOPICS["policies"], settings.salt_id)
        window = MetricsWindow("scorer", "scorer.0", TOPICS["metrics"], NOW, rates=("records",))
        self.caught_up = 0
        self.handler = ScorerHandler(settings, self.knowledge, Figures(window, lambda: 0.0), self._caught_up)
        self.starts = {Partition(TOPICS["records"], number): Commit(0) for number in partitions}

    def _caught_up(self):
        self.caught_up += 1

    def assign(self, **starts):
        self.handler.assigned(Assignment(self.starts))
        return self

    def handle(self, *messages, now=NOW, commit=True):
        outgoing = self.handler.handle(messages, now)
        if commit:
            self.handler.committed()
        return outgoing


def record(offset, size=0.1, partition=0, headers=(), **more):
    value = json.dumps({"id": f"r{offset}", "features": {"size": size}, **more}).encode()
    return Incoming(TOPICS["records"], partition, offset, f"r{offset}".encode(), value, NOW, headers)


def read(outgoing, topic, contract):
    return [decode(contract, message.value) for message in outgoing if message.topic == TOPICS[topic]]


@pytest.fixture
def desk():
    desk = Desk()
    desk.published.model(400)
    desk.published.policy(5)
    return desk.assign()


def test_a_record_above_the_threshold_gets_a_label(desk):
    outgoing = desk.handle(*(record(offset, 5, group="g") for offset in range(30)))
    labels = read(outgoing, "labels", Label)
    assert 15 < len(labels) < 30
    label = labels[0]
    assert (label.label, label.source, label.revision, label.group) == ("large", "auto", 1, "g")
    assert (label.model_version, label.policy_version, label.epoch) == (400, 5, 1)
    assert label.scores["large"] > label.threshold
    assert label.decision_id.startswith("stream01/0/")
    assert label.decided_at == label.at == AT


def test_a_doubtful_record_goes_to_people_with_all_that_was_known(desk):
    (request,) = read(desk.handle(record(3, 0.0, show={"note": "n"}, extra=[1])), "review-requests", ReviewRequest)
    assert (request.request_id, request.reason) == ("stream01/0/3", "uncertain")
    assert request.record["show"] == {"note": "n"}
    assert request.record["extra"] == [1]
    assert request.decision.propensity == 1.0
    assert request.decision.threshold == 0.6
    assert request.expires_at == AT + timedelta(days=10)


def test_audits_are_blind_expire_sooner_and_have_no_label(desk):
    outgoing = desk.handle(*(record(offset, 5) for offset in range(200)))
    audits = [r for r in read(outgoing, "review-requests", ReviewRequest) if r.decision.look in ("ledger", "extra")]
    assert 10 < len(audits) < 70
    for audit in audits:
        assert (audit.blind, audit.suggestion, audit.scores, audit.reason) == (True, None, None, "audit")
        assert audit.decision.propensity == pytest.approx(0.16)
        assert audit.expires_at == AT + timedelta(hours=2)
    labelled = {label.decision_id for label in read(outgoing, "labels", Label)}
    assert labelled.isdisjoint(audit.request_id for audit in audits)


def test_some_ordinary_requests_are_blind_too_and_the_others_suggest(desk):
    requests = read(desk.handle(*(record(o, 0.0) for o in range(300))), "review-requests", ReviewRequest)
    blind = [request for request in requests if request.blind]
    assert 90 < len(blind) < 200
    assert all(r.suggestion is None and r.scores is None for r in blind)
    assert all(r.suggestion == r.decision.label and r.scores for r in requests if not r.blind)


def test_every_record_has_exactly_one_outcome_and_its_headers_travel_on(desk):
    headers = (("traceparent", b"00-1"),)
    batch = [record(offset, offset / 10 - 2, headers=headers) for offset in range(40)]
    batch.append(Incoming(TOPICS["records"], 1, 0, b"k", b"{", NOW, headers))
    outgoing = [m for m in desk.handle(*batch) if m.topic not in (TOPICS["evidence"], TOPICS["metrics"])]
    assert len(outgoing) == 41
    assert all(tuple(message.headers) == headers for message in outgoing)
    assert Counter(message.key for message in outgoing) == Counter(
        [b"w.records.v1/1/0", *(f"r{offset}".encode() for offset in range(40))]
    )


def test_the_same_records_are_decided_the_same_again(desk):
    batch = [record(offset, offset % 9 - 4) for offset in range(100)]
    first = desk.handle(*batch, commit=False)
    desk.handler.aborted()
    desk.assign()
    assert [m for m in desk.handle(*batch) if m.topic != TOPICS["metrics"]] == [
        m for m in first if m.topic != TOPICS["metrics"]
    ]


def test_without_an_id_a_records_position_is_its_id(desk):
    message = record(9)._replace(value=b'{"features": {"size": 0}}')
    (request,) = read(desk.handle(message), "review-requests", ReviewRequest)
    assert request.record["id"] == "w.records.v1/0/9"


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b'{"id": 5, "text": "a"}',
        b'{"features": {"size": NaN}}',
        b'{"features": {"size": [1]}}',
        b'{"features": {"size": {}}}',
        b"[" * 100_000,
        b'{"features": ' * 5000,
    ],
)
def test_a_record_that_breaks_its_contract_becomes_a_dead_letter(desk, value):
    outgoing = desk.handle(record(0), record(1)._replace(value=value), record(2))
    (letter,) = read(outgoing, "dead-letters", DeadLetter)
    assert letter.original == (value or b"")
    assert (letter.source.offset, letter.service) == (1, "scorer")
    (counts, _) = read(outgoing, "evidence", Counts)
    assert (counts.first, counts.end, counts.dead) == (0, 3, 1)
    assert sum(counts.reasons.values()) == 2


def test_without_model_or_policy_everything_goes_to_people():
    desk = Desk().assign()
    (request,) = read(desk.handle(record(0, 9)), "review-requests", ReviewRequest)
    assert (request.reason, request.decision.model_version, request.decision.policy_version) == ("cold", -1, -1)


def test_a_policy_that_has_lapsed_sends_everything_to_people(desk):
    outgoing = desk.handle(*(record(offset, 9) for offset in range(20)), now=NOW + 61)
    assert {request.reason for request in read(outgoing, "review-requests", ReviewRequest)} == {"stale"}
    assert read(outgoing, "labels", Label) == []


def test_a_record_the_model_cannot_score_goes_to_people_and_is_counted(desk):
    class Nonsense:
        version, misfits, pooling = 401, 0, None
        of_numbers = None

        def score_batch(self, records, heard=None):
            return BatchScores.from_rows(("small", "large"), [None for _ in records])

    desk.handle()
    desk.champion.scorer = Nonsense()
    outgoing = desk.handle(record(0, 9))
    (request,) = read(outgoing, "review-requests", ReviewRequest)
    assert (request.reason, request.decision.model_version, request.decision.label) == ("uncertain", 401, None)
    assert sum(counts.no_model for counts in read(outgoing, "evidence", Counts)) == 1
    (metric,) = read(desk.handle(now=NOW + 2), "metrics", Metric)
    assert (metric.values["unscored"], metric.values["records"]) == (1, 1)


# --- counts --------------------------------------------------------------------------------------


def test_counts_add_up_to_the_records_of_each_partition(desk):
    batch = [record(o, o % 9 - 4, partition=o % 2) for o in range(100)]
    outgoing = desk.handle(*batch)
    for counts in read(outgoing, "evidence", Counts):
        by_label = [n for label in counts.labels.values() for n in label.model_dump().values()]
        assert sum(by_label) == sum(counts.reasons.values()) == 50
        assert (counts.stream, counts.policy_version, counts.model_version) == ("stream01", 5, 400)
    unseen = sum(c.unseen for counts in read(outgoing, "evidence", Counts) for c in counts.labels.values())
    assert unseen == len(read(outgoing, "labels", Label))


@pytest.mark.parametrize("broken", [0, 1, 2])
def test_a_broken_record_is_counted_wherever_it_stands(desk, broken):
    batch = [record(0), record(1), record(2)]
    batch[broken] = batch[broken]._replace(value=b"{}")
    counts = read(desk.handle(*batch), "evidence", Counts)[0]
    assert (counts.first, counts.end, counts.dead, counts.reasons.keys()) == (0, 3, 1, {"uncertain"})


def test_counts_follow_each_other_without_a_gap(desk):
    spans = []
    for start in range(0, 60, 10):
        outgoing = desk.handle(*(record(offset) for offset in range(start, start + 10)), now=NOW + start / 10)
        spans += [(c.first, c.end) for c in read(outgoing, "evidence", Counts) if c.partition == 0]
    assert spans == [(start, start + 10) for start in range(0, 60, 10)]


def test_an_idle_partition_is_counted_empty_about_once_a_second(desk):
    said = [
        (quarter / 4, counts.partition)
        for quarter in range(13)
        for counts in read(desk.handle(now=NOW + quarter / 4), "evidence", Counts)
    ]
    assert said == [(when, partition) for when in (0, 1, 2, 3) for partition in (0, 1)]


def test_an_empty_count_says_where_its_partition_stands():
    desk = Desk()
    desk.starts = {Partition(TOPICS["records"], 3): Commit(17)}
    (counts,) = read(desk.assign().handle(), "evidence", Counts)
    assert (counts.partition, counts.first, counts.end, counts.reasons) == (3, 17, 17, {})


@given(st.lists(st.tuples(st.permutations(range(4)), st.sets(st.integers(0, 3)), st.booleans()), max_size=8))
def test_whatever_the_order_each_offset_is_counted_once(batches):
    tally, said, position = Tally("stream01", 1.0), [], 0
    tally.start({0: 0})
    decision = decide(Case("stream01/0/0", Scored(), Coins(0.5, 0.5)), None, "entropy", NOW)
    for order, dead, idle in batches:
        for place in [] if idle else order:
            told = tally.died if place in dead else partial(tally.decided, decision=decision)
            told(0, position + place)
        position += 0 if idle else 4
        said += tally.say(DecidedBy(5, 400, 0), NOW)
    assert all(before.end == after.first for before, after in pairwise(said))
    assert sum(c.dead + sum(c.reasons.values()) for c in said) == position
    assert not said or said[-1].end == position


def test_counts_tell_once_what_each_version_of_a_committee_pools_with():
    tally, first, second = Tally("stream01", 0.0), *(PoolWeights({"m": a}, {"small": 0.0}) for a in (0.5, 0.6))
    tally.start({0: 0, 1: 0})

    def said(version, weights):
        return [
            counts.pooling and counts.pooling.members["m"]
            for counts in tally.say(DecidedBy(5, version, 0), NOW, weights)
        ]

    assert [said(7, first), said(7, first), said(8, second)] == [[0.5, None], [None, None], [0.6, None]]
    tally.start({0: 0})
    assert [said(8, second), said(9, None)] == [[0.6], [None]]


def test_a_committee_sends_its_votes_along_and_says_what_it_pools_them_with():
    task = TASK.model_copy(update={"model": ModelSpec(champion="committee")})
    desk = Desk(replace(SETTINGS, task=task), partitions=(0,))
    desk.published.model(20, taught(20, task, "committee"))
    desk.published.policy(3)
    written = desk.assign().handle(record(0, size=0.1))
    (request,), (counts,) = read(written, "review-requests", ReviewRequest), read(written, "evidence", Counts)
    votes = Votes.from_wire(request.decision.votes, list(request.decision.scores))
    weights = PoolWeights(counts.pooling.members, counts.pooling.labels)
    assert weights.pooled(votes) == pytest.approx(request.decision.scores, abs=1e-5)


def test_a_partition_that_was_taken_away_is_no_longer_counted(desk):
    desk.handle(record(0), record(0, partition=1))
    desk.starts = {Partition(TOPICS["records"], 1): Commit(1)}
    desk.assign()
    assert [c.partition for c in read(desk.handle(now=NOW + 5), "evidence", Counts)] == [1]


# --- models and policies -------------------------------------------------------------------------


def test_what_was_published_is_known_before_the_first_record(desk):
    assert desk.caught_up == 1
    assert desk.handle() is not None
    assert desk.knowledge.versions == (400, 5)


def test_a_newer_model_and_policy_are_taken_between_batches(desk):
    desk.handle(record(0))
    desk.published.model(500)
    desk.published.policy(6)
    (request,) = read(desk.handle(record(1, 0.0)), "review-requests", ReviewRequest)
    assert (request.decision.model_version, request.decision.policy_version) == (500, 6)


def test_another_model_labels_nothing_before_the_monitor_knows_it(desk):
    sure = {"size": 3.0}
    desk.published.model(500, since=500)
    (request,) = read(desk.handle(record(0, **sure)), "review-requests", ReviewRequest)
    assert (request.reason, request.decision.propensity, request.decision.policy_version) == ("cold", 1.0, 5)
    (counts, *_) = read(desk.handle(now=NOW + 2), "evidence", Counts)
    assert (counts.model_version, counts.model_since) == (500, 500)
    desk.published.policy(6, model_since=500)
    written = [desk.handle(record(offset, **sure)) for offset in range(1, 60)]
    assert any(read(outgoing, "labels", Label) for outgoing in written)


def test_versions_never_go_back(desk):
    desk.handle()
    desk.published.model(300)
    desk.published.policy(4)
    desk.handle()
    assert desk.knowledge.versions == (400, 5)


def test_a_model_that_does_not_fit_the_task_is_left_alone(desk):
    desk.handle()
    other = TASK.model_copy(update={"labels": ("small", "huge")})
    desk.published.model(500, taught(10, other))
    desk.handle()
    assert desk.knowledge.versions == (400, 5)


def test_a_renewed_policy_holds_longer(desk):
    desk.handle()
    desk.published.policy(5, valid_until=AT + timedelta(seconds=90))
    assert read(desk.handle(record(0, 0.0), now=NOW + 61), "review-requests", ReviewRequest)[0].reason == "uncertain"


def test_a_monitor_that_began_anew_is_followed_once_the_old_policy_has_lapsed(desk):
    desk.handle()
    later = NOW + 100
    desk.published.policy(1, valid_until=AT + timedelta(seconds=200))
    desk.handle(now=later)
    assert desk.knowledge.versions.policy == 1


def test_kept_policies_tombstones_and_noise_change_nothing(desk):
    desk.handle()
    desk.published.policy(6, key=b"version/6")
    topic = TOPICS["policies"]
    desk.published.unread += [
        Incoming(topic, 0, 1, b"current", None, NOW),
        Incoming(topic, 0, 2, b"current", b"{", NOW),
    ]
    desk.handle()
    assert desk.knowledge.versions == (400, 5)


def test_another_salt_is_refused(desk):
    desk.published.policy(6, salt_id="other")
    with pytest.raises(UsageError, match="same salt"):
        desk.handle()


def test_how_long_answers_took_is_told_of_models_that_arrive_while_it_runs(desk):
    desk.handle()
    desk.published.model(401, fresh=[AT - timedelta(seconds=1.5), AT])
    desk.handle()
    (metric,) = read(desk.handle(now=NOW + 1), "metrics", Metric)
    assert metric.values["answer_to_model_s"] == [1.5, 0.0]
    assert metric.values["model_version"] == 401


def test_metrics_count_what_was_committed_only(desk):
    desk.handle(*(record(offset) for offset in range(7)), commit=False)
    desk.handler.aborted()
    desk.assign()
    desk.handle(*(record(offset) for offset in range(7)))
    (metric,) = read(desk.handle(now=NOW + 3), "metrics", Metric)
    assert metric.values["records"] == 7
    assert metric.values["stale"] is False


def test_values_of_the_wrong_kind_are_counted(desk):
    desk.handle(record(0, "huge"), record(1, 1.0))
    (metric,) = read(desk.handle(now=NOW + 3), "metrics", Metric)
    assert metric.values["misfits"] == 1


def test_only_the_best_labels_are_written_of_a_task_with_many(desk):
    settings = replace(SETTINGS, labels_with_scores=1)
    desk = Desk(settings)
    desk.published.model(400)
    desk.published.policy(5)
    labels = read(desk.assign().handle(*(record(o, 5) for o in range(20))), "labels", Label)
    assert all(set(label.scores) == {"large"} for label in labels)


def test_the_scores_are_those_of_the_published_model(desk):
    model = taught(400)
    requests = read(desk.handle(*(record(o, o / 100) for o in range(50))), "review-requests", ReviewRequest)
    for request in requests:
        x = river_input(TASK, request.record)
        assert request.decision.scores == model.predict_proba_one(x)
