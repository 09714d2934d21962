import json
from math import exp, isfinite, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from winnow.core.risk.error_model import ErrorModel, logit

ANSWERS = st.lists(st.tuples(st.floats(0, 1), st.sampled_from("abc"), st.floats(1, 1000), st.booleans()), max_size=60)


def taught(answers):
    model = ErrorModel()
    for top, label, weight, wrong in answers:
        model.learn(logit(top), label, weight, wrong=wrong)
    return model


def test_scores_of_exactly_0_and_1_stay_finite():
    assert logit(1.0) == 14.0
    assert logit(0.0) == pytest.approx(log(1e-6 / (1 - 1e-6)))


def test_one_step_is_adagrad_with_forgetting():
    model = taught([(0.5, "a", 2.0, True)])
    gradient = 2.0 * (1 / (1 + exp(1.0)) - 1.0)
    curvature = 0.9995 + gradient**2
    assert model.bias == pytest.approx(-1.0 - 0.3 * (gradient - 1e-4) / curvature**0.5)
    assert model.slope == pytest.approx(-1.0 + 0.3 * 1e-4 / 0.9995**0.5)
    assert model.offset("a") == pytest.approx(-0.3 * gradient / curvature**0.5)


def test_labels_that_err_are_told_from_labels_that_do_not():
    model = taught([(0.9, "good", 1.0, False), (0.9, "bad", 1.0, True)] * 200)
    assert model.z(logit(0.9), "good") < -1 < 1 < model.z(logit(0.9), "bad")


def test_weights_are_cut_at_20():
    assert taught([(0.9, "a", 20.0, True)]).bias == taught([(0.9, "a", 1e6, True)]).bias


@given(ANSWERS)
def test_it_stays_finite_and_cut(answers):
    model = taught(answers)
    for top in (0.0, 0.5, 1.0):
        assert -12.0 <= model.z(logit(top), "a") <= 6.0
    assert isfinite(model.bias)
    assert isfinite(model.slope)


def test_an_input_that_is_always_0_does_not_make_its_weight_explode():
    model = taught([(0.5, "a", 12.5, index % 3 == 0) for index in range(60_000)])
    assert abs(model.slope) < 10


@given(ANSWERS, ANSWERS)
def test_a_restored_model_goes_on_as_the_first(before, after):
    model, restored = taught(before), ErrorModel()
    restored.restore(json.loads(json.dumps(model.snapshot())))
    for top, label, weight, wrong in after:
        for each in (model, restored):
            each.learn(logit(top), label, weight, wrong=wrong)
    assert restored.snapshot() == model.snapshot()


def test_freed_steps_are_large_again_and_knowledge_stays():
    model = taught([(0.9, "a", 20.0, True)] * 50)
    z, slow = model.z(logit(0.9), "a"), model.snapshot()
    model.free_steps()
    assert model.z(logit(0.9), "a") == z
    assert model.snapshot()["bias"][1] == 1.0 < slow["bias"][1]
