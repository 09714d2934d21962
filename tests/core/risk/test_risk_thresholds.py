from hypothesis import given
from hypothesis import strategies as st

from winnow.core.risk.error_model import ErrorModel, logit
from winnow.core.risk.thresholds import thresholds


def model_with(bias, slope, offset):
    model = ErrorModel()
    model.restore({"bias": [bias, 1.0], "slope": [slope, 1.0], "labels": {"a": [offset, 1.0]}})
    return model


WEIGHTS = st.floats(-50, 50)
SLOPES = st.floats(-50, -1e-9, exclude_max=False)


@given(WEIGHTS, SLOPES, WEIGHTS, st.floats(-12, 6), st.floats(0, 1))
def test_threshold_and_theta_decide_alike(bias, slope, offset, theta, top):
    model = model_with(bias, slope, offset)
    threshold = thresholds(model, theta, ["a"]).get("a")
    opens = threshold is not None and top > threshold
    assert opens == (model.z(logit(top), "a") <= theta) or top == 0.0


@given(WEIGHTS, SLOPES, WEIGHTS, st.floats(0.5, 1))
def test_the_answer_that_set_theta_is_inside(bias, slope, offset, top):
    model = model_with(bias, slope, offset)
    threshold = thresholds(model, model.z(logit(top), "a"), ["a"])["a"]
    assert top > threshold


@given(WEIGHTS, st.floats(0, 50), WEIGHTS, st.floats(-12, 6))
def test_a_slope_that_does_not_fall_opens_no_label(bias, slope, offset, theta):
    assert thresholds(model_with(bias, slope, offset), theta, ["a", "b"]) == {}


def test_what_only_a_probability_beyond_the_cut_could_open_never_opens():
    model = model_with(0.0, -1.0, 0.0)
    assert thresholds(model, -14.1 / 3, ["a"]) == {}
    assert thresholds(model, -13.9 / 3, ["a"])["a"] > 0.999999


def test_a_label_not_met_yet_has_the_offset_0():
    model = model_with(0.0, -1.0, -3.0)
    found = thresholds(model, -1.0, ["a", "new"])
    assert found["a"] < found["new"]
