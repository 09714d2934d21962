"""Signed model snapshots: what is whole and ours is read, whatever else is left alone."""

import json
import pickle
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from river import linear_model, preprocessing

from winnow.runtime import snapshots
from winnow.runtime.errors import UsageError
from winnow.runtime.messages import Incoming, Outgoing
from winnow.runtime.model_keys import load_model_keys, parse_model_keys
from winnow.runtime.model_state import ModelState
from winnow.runtime.settings import Settings
from winnow.runtime.snapshot_slots import challenger, kept
from winnow.runtime.snapshots import Snapshot, SnapshotReader, publish, seal_snapshot
from winnow_schemas.codec import decode, encode
from winnow_schemas.models import ModelManifest

OLD_KEY, NEW_KEY, STRANGERS_KEY = "one:" + "11" * 32, "two:" + "22" * 32, "one:" + "33" * 32
KEYS = parse_model_keys(OLD_KEY)
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
SMALL_CHUNKS = 64


class Opened:
    """A model that tells when it is unpickled."""

    times = 0

    def __setstate__(self, state: dict) -> None:
        Opened.times += 1


def state(version: int = 7, slot: str = "champion", model: object = None) -> ModelState:
    model = model or {"weights": list(range(100))}
    return ModelState(slot, "logistic", "spam", version, version, version, AT, model, [AT], {"accuracy": 0.75})


def arriving(messages: Iterable[Outgoing]) -> list[Incoming]:
    return [Incoming(one.topic, 0, at, one.key, one.value, 0.0) for at, one in enumerate(messages)]


def fed(reader: SnapshotReader, messages: Iterable[Outgoing]) -> list[Snapshot]:
    return [snapshot for message in arriving(messages) if (snapshot := reader.feed(message)) is not None]


def reader(task: str = "spam", keys: str = OLD_KEY) -> SnapshotReader:
    return SnapshotReader(task, parse_model_keys(keys), wanted=lambda _: True)


def published(of: ModelState, keys: str = OLD_KEY, replaced: ModelManifest | None = None) -> list[Outgoing]:
    return publish("models", seal_snapshot(of, parse_model_keys(keys)), replaced)


def test_a_model_comes_back_as_it_was():
    model = preprocessing.StandardScaler() | linear_model.LogisticRegression()
    for number in range(50):
        model.learn_one({"x": float(number)}, number % 2 == 0)

    [snapshot] = fed(reader(), published(state(model=model)))

    assert snapshot.load().predict_proba_one({"x": 3.5}) == model.predict_proba_one({"x": 3.5})
    assert (snapshot.manifest.version, snapshot.manifest.figures) == (7, {"accuracy": 0.75})


def test_a_manifest_says_no_more_than_it_did_so_that_older_ones_stay_valid():
    said = set(json.loads(encode(seal_snapshot(state(), KEYS).manifest)))
    first = {"slot", "name", "version", "verdict_offset", "task", "format", "learned", "fresh", "figures", "at"}
    assert said - {"chunks", "bytes", "sha256"} == first, "a field that came later is left out until it says something"


def test_a_large_model_travels_in_chunks_with_the_manifest_after_them():
    messages = published(state(model=bytes(3_000_000)))
    *chunks, manifest = messages
    assert [chunk.key for chunk in chunks] == [f"champion/7/{number}".encode() for number in range(4)]
    assert all(len(chunk.value or b"") <= snapshots.CHUNK_BYTES for chunk in chunks)
    assert manifest.key == b"champion"
    [snapshot] = fed(reader(), messages)
    assert snapshot.load() == bytes(3_000_000)


def test_replaced_chunks_are_tombstoned_and_kept_ones_are_not():
    first = seal_snapshot(state(7), KEYS)
    second = publish("models", seal_snapshot(state(8), KEYS), first.manifest)
    again = publish("models", first, first.manifest)
    assert [message.key for message in second if message.value is None] == [b"champion/7/0"]
    assert [message.key for message in again if message.value is None] == []


def test_nothing_is_unpickled_before_it_is_asked_for():
    Opened.times = 0
    [snapshot] = fed(reader(), published(state(model=_with_state())))
    assert Opened.times == 0
    snapshot.load()
    assert Opened.times == 1


def test_a_snapshot_of_a_stranger_is_never_unpickled():
    Opened.times = 0
    assert fed(reader(), published(state(model=_with_state()), keys=STRANGERS_KEY)) == []
    assert Opened.times == 0


def test_who_has_a_wrong_key_file_is_told_and_who_has_a_good_model_is_not_disturbed():
    mine, strange = published(state(7)), published(state(8), keys=STRANGERS_KEY)
    wrong = reader()
    fed(wrong, strange)
    with pytest.raises(UsageError, match="give learner and scorers the same file"):
        wrong.require_ours("champion")

    undisturbed = reader()
    fed(undisturbed, [*mine, *strange])
    undisturbed.require_ours("champion")
    assert undisturbed.manifest("champion").version == 7


def test_versions_never_go_back_and_the_same_is_not_handed_out_twice():
    one, two = published(state(7)), published(state(8))
    reading = reader()
    assert [snapshot.manifest.version for snapshot in fed(reading, [*one, *two, *two, *one])] == [7, 8]
    assert reading.manifest("champion").version == 8


def test_each_slot_has_its_own_versions_and_unwanted_ones_are_passed_over():
    messages = [
        *published(state(9, slot="champion")),
        *published(state(5, slot=challenger("hoeffding_tree"))),
        *published(state(4, slot=kept(4))),
    ]
    assert [one.manifest.slot for one in fed(reader(), messages)] == [
        "champion",
        "challenger/hoeffding_tree",
        "kept/4",
    ]
    only = SnapshotReader("spam", KEYS, wanted=lambda slot: slot == "champion")
    assert [one.manifest.slot for one in fed(only, messages)] == ["champion"]


def test_both_keys_are_valid_while_they_are_exchanged():
    during, after = f"{NEW_KEY}\n{OLD_KEY}\n", NEW_KEY
    assert len(fed(reader(keys=during), published(state(), keys=OLD_KEY))) == 1
    assert len(fed(reader(keys=during), published(state(), keys=during))) == 1
    assert len(fed(reader(keys=after), published(state(), keys=during))) == 1
    assert fed(reader(keys=after), published(state(), keys=OLD_KEY)) == []


def test_the_snapshot_of_another_task_is_left():
    assert fed(reader(task="ham"), published(state())) == []


def test_a_snapshot_without_all_its_chunks_is_left_and_the_next_whole_one_is_taken(monkeypatch):
    monkeypatch.setattr(snapshots, "CHUNK_BYTES", SMALL_CHUNKS)
    first, *rest = published(state(7))
    reading = reader()
    assert fed(reading, rest) == []
    assert [one.manifest.version for one in fed(reading, published(state(8)))] == [8]
    assert first.key == b"champion/7/0"


def test_a_newer_format_is_left_with_its_version_in_the_log(monkeypatch, capsys):
    with monkeypatch.context() as newer:
        newer.setattr(snapshots, "FORMAT", 3)
        messages = published(state(7))
    assert fed(reader(), messages) == []
    assert "version 7 of champion has format 3; this Winnow reads up to 2" in capsys.readouterr().out


def test_chunks_whose_manifest_never_comes_take_bounded_memory(monkeypatch):
    monkeypatch.setattr(snapshots, "MAX_SNAPSHOT_BYTES", 10_000)
    reading = reader()
    for version in range(100):
        fed(reading, published(state(version))[:-1])
    assert sum(len(chunk) for chunk in reading._chunks.values()) <= 10_000
    assert reading._waiting_bytes == sum(len(chunk) for chunk in reading._chunks.values())


def test_what_this_installation_cannot_load_is_told():
    [snapshot] = fed(reader(), published(state(model=_with_state())))
    broken = replace(snapshot, body=pickle.dumps(Opened()).replace(b"Opened", b"Closed"))
    with pytest.raises(UsageError, match=r"version 7 \(logistic\) cannot be loaded here"):
        broken.load()


# --- whatever is done to the bytes, nothing that was not published is accepted -------------------


@pytest.fixture(scope="module")
def messages() -> list[Outgoing]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(snapshots, "CHUNK_BYTES", SMALL_CHUNKS)
        return published(state(7))


def test_no_flipped_bit_is_accepted(messages):
    tried = 0
    for index, message in enumerate(messages):
        assert message.value is not None
        for bit in range(len(message.value) * 8):
            flipped = bytearray(message.value)
            flipped[bit // 8] ^= 1 << bit % 8
            changed = [*messages]
            changed[index] = message._replace(value=bytes(flipped))
            tried += 1
            assert fed(reader(), changed) == []
    assert tried > 5000


def test_no_truncation_is_accepted(messages):
    for index, message in enumerate(messages):
        for length in range(len(message.value or b"")):
            changed = [*messages]
            changed[index] = message._replace(value=(message.value or b"")[:length])
            assert fed(reader(), changed) == []
    for missing in range(len(messages)):
        assert fed(reader(), messages[:missing] + messages[missing + 1 :]) == []


def test_no_swapped_chunks_are_accepted(messages):
    for one in range(len(messages) - 1):
        for other in range(one):
            changed = [*messages]
            changed[one] = messages[one]._replace(value=messages[other].value)
            changed[other] = messages[other]._replace(value=messages[one].value)
            assert fed(reader(), changed) == []


@given(data=st.data())
@settings(max_examples=300, deadline=None)
def test_no_mixture_of_two_snapshots_is_accepted(data: st.DataObject):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(snapshots, "CHUNK_BYTES", SMALL_CHUNKS)
        whole = [published(state(7)), published(state(8, model={"weights": list(range(100, 0, -1))}))]
    length = min(len(one) for one in whole) - 1
    origin = data.draw(st.lists(st.integers(0, 1), min_size=length, max_size=length))
    target = data.draw(st.integers(0, 1))
    mixed = [
        whole[source][index]._replace(key=whole[target][index].key) for index, source in enumerate(origin)
    ] + whole[target][length:]
    assert bool(fed(reader(), mixed)) == (mixed == whole[target])


@pytest.mark.parametrize(
    "change",
    [
        {"version": 99},
        {"verdict_offset": 3},
        {"slot": "challenger/logistic"},
        {"name": "hoeffding_tree"},
        {"learned": 1},
        {"figures": {"accuracy": 1.0}},
        {"fresh": []},
        {"at": datetime(2027, 1, 1, tzinfo=UTC)},
        {"more": 1},
    ],
)
def test_no_manifest_that_says_something_else_is_accepted(messages, change):
    *chunks, manifest = messages
    changed = decode(ModelManifest, manifest.value).model_copy(update=change)
    forged = manifest._replace(value=encode(changed), key=changed.slot.encode())
    assert fed(reader(), [*chunks, forged]) == []


@given(st.binary(max_size=300))
def test_no_noise_is_accepted(noise: bytes):
    for key in (b"champion", b"champion/1/0", noise, None):
        assert reader().feed(Incoming("models", 0, 0, key, noise, 0.0)) is None


# --- keys ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["", "\n", "one", "one:xyz", "one:1234", "one:" + "1" * 63, f"{OLD_KEY}\n{STRANGERS_KEY}", ":" + "11" * 32]
)
def test_a_wrong_key_file_is_told_without_showing_a_key(text):
    with pytest.raises(UsageError) as caught:
        parse_model_keys(text)
    assert "1111" not in str(caught.value)
    assert "openssl" in str(caught.value) or "twice" in str(caught.value)


def test_keys_come_from_the_file_in_the_settings(tmp_path):
    file = tmp_path / "keys"
    with pytest.raises(UsageError, match="WINNOW_SECRETS__MODEL_KEY_FILE"):
        load_model_keys(Settings())
    with pytest.raises(UsageError, match="model_key_file: cannot read"):
        load_model_keys(Settings(secrets={"model_key_file": file}))
    file.write_text(f"{NEW_KEY}\n\n{OLD_KEY}\n")
    keys = load_model_keys(Settings(secrets={"model_key_file": file}))
    assert keys.signing_id == "two"
    assert "22" not in repr(keys)


def _with_state() -> Opened:
    opened = Opened()
    vars(opened)["a"] = 1
    return opened
