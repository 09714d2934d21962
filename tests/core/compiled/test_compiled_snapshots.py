"""Compiled models travel as bytes; what is damaged, newer or made for another task is refused."""

import random
from dataclasses import replace

import numpy as np
import pytest
from tests.core.compiled.compiled_cases import (
    TABLES,
    TEXTS,
    assert_same_scores,
    compiled,
    task_of,
    taught,
    usual_records,
)

from winnow.core.compiled import FORMAT, Compiled, compile_model, scorer
from winnow.core.compiled.compiled_model import header_of
from winnow.core.compiled.container import pack, pack_small, unpack


def made(task, name):
    return compile_model(task, name, taught(task, name, usual_records(task, 300, seed=1)), 4)


@pytest.mark.parametrize("name", TABLES + TEXTS)
class TestEveryModel:
    def test_comes_back_from_its_bytes_as_it_was(self, name):
        task = task_of(3, input={"text": name in TEXTS})
        first = made(task, name)
        again = Compiled.from_bytes(first.to_bytes(), task)
        assert header_of(again) == header_of(first)
        assert again.arrays.keys() == first.arrays.keys()
        assert all(np.array_equal(again.arrays[key], first.arrays[key], equal_nan=True) for key in first.arrays)
        assert again.to_bytes() == first.to_bytes()

    def test_has_the_same_bytes_after_the_same_verdicts(self, name):
        task = task_of(3, input={"text": name in TEXTS})
        assert made(task, name).to_bytes() == made(task, name).to_bytes()

    def test_damaged_bytes_are_refused(self, name):
        task = task_of(2, input={"text": name in TEXTS})
        whole = made(task, name).to_bytes()
        chance = random.Random(3)
        for _ in range(300):
            damaged = bytearray(whole)
            for place in chance.choices(range(len(whole)), k=chance.choice([1, 8])):
                damaged[place] ^= 1 << chance.randrange(8)
            if chance.random() < 0.2:
                del damaged[chance.randrange(len(damaged)) :]
            if damaged != whole:
                with pytest.raises(ValueError, match="arrays"):
                    Compiled.from_bytes(bytes(damaged), task)


def refusal(task, snapshot, reader):
    with pytest.raises(ValueError, match="compiled model") as refused:
        Compiled.from_bytes(snapshot.to_bytes(), reader)
    return str(refused.value)


class TestRefusals:
    def test_another_task(self):
        task = task_of(2)
        snapshot = made(task, "logistic")
        assert "version 4 is for another task" in refusal(task, snapshot, task.model_copy(update={"task": "other"}))

    def test_other_labels(self):
        snapshot = made(task_of(2), "logistic")
        assert "labels" in refusal(task_of(2), snapshot, task_of(3))

    @pytest.mark.parametrize(
        "inputs",
        [
            {"embedding": 3},
            {"text": True},
            {"features": {"size": "number"}},
            {
                "features": {
                    "size": "flag",
                    "sender": "category",
                    "known": "flag",
                    "weight": "number",
                    "tone": "category",
                }
            },
            {
                "features": {
                    "sender": "category",
                    "size": "number",
                    "known": "flag",
                    "weight": "number",
                    "tone": "category",
                }
            },
        ],
    )
    def test_other_inputs(self, inputs):
        snapshot = made(task_of(2), "logistic")
        assert "inputs" in refusal(task_of(2), snapshot, task_of(2, input=inputs))

    def test_a_newer_format(self):
        task = task_of(2)
        snapshot = made(task, "logistic")
        newer = pack(header_of(snapshot) | {"format": FORMAT + 1}, snapshot.arrays)
        with pytest.raises(ValueError, match=f"format {FORMAT + 1}; this Winnow reads up to {FORMAT}"):
            Compiled.from_bytes(newer, task)

    def test_a_kind_nobody_knows(self):
        with pytest.raises(ValueError, match="unknown kind"):
            scorer(replace(made(task_of(2), "logistic"), kind="oracle"))

    def test_trees_that_go_round(self):
        task = task_of(2)
        model = taught(task, "hoeffding_tree", usual_records(task, 3000, seed=11))
        snapshot = compiled(task, "hoeffding_tree", model)
        assert (snapshot.arrays["kind"] != 0).any()
        for name in ("first", "second", "usual"):
            round_trip = dict(snapshot.arrays) | {name: np.zeros_like(snapshot.arrays[name])}
            with pytest.raises(ValueError, match="lead nowhere"):
                scorer(replace(snapshot, arrays=round_trip))


@pytest.mark.parametrize("packed", [pack, pack_small])
class TestContainer:
    def test_gives_back_what_was_packed(self, packed):
        arrays = {"a": np.arange(7.0), "b": np.ones((2, 3), dtype=np.uint8), "c": np.zeros((0, 4), dtype=np.int32)}
        header, read = unpack(packed({"x": [1, "two"]}, arrays))
        assert header == {"x": [1, "two"]}
        assert all(
            np.array_equal(read[name], arrays[name]) and read[name].dtype == arrays[name].dtype for name in arrays
        )

    def test_gives_arrays_that_nobody_can_write_to(self, packed):
        assert not unpack(packed({}, {"a": np.arange(3.0)})).arrays["a"].flags.writeable

    @pytest.mark.parametrize("cut", [0, 5, 27, 28, 60, -1])
    def test_refuses_what_was_cut(self, packed, cut):
        whole = packed({}, {"a": np.arange(300.0)})
        with pytest.raises(ValueError, match=r"no arrays|checksum"):
            unpack(whole[:cut])

    def test_inflates_no_more_than_it_says(self, packed):
        whole = bytearray(packed({}, {"a": np.zeros(1 << 20)}))
        whole[20:28] = (1 << 10).to_bytes(8, "little")
        with pytest.raises(ValueError, match="bytes, not 1024"):
            unpack(bytes(whole))
        whole[20:28] = (1 << 50).to_bytes(8, "little")
        with pytest.raises(ValueError, match=r"too large|bytes, not"):
            unpack(bytes(whole))

    def test_packs_no_objects(self, packed):
        with pytest.raises(ValueError, match="elements of the kind"):
            packed({}, {"a": np.array([object()])})


def test_a_scorer_of_bytes_scores_as_the_model_does():
    task = task_of(2)
    model = taught(task, "logistic", usual_records(task, 100, seed=1))
    assert_same_scores(task, "logistic", model, [record for record, _ in usual_records(task, 10, seed=2)])
