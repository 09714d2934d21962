import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from winnow_schemas.model_names import SETTINGS, combinations, kind_of, model_name, named, settings_of


@st.composite
def settings_of_some_model(draw):
    model = draw(st.sampled_from(sorted(SETTINGS)))
    values = {
        name: draw(st.integers(int(one.least), int(one.most)) if one.kind is int else st.floats(one.least, one.most))
        for name, one in SETTINGS[model].items()
    }
    return model, {name: values[name] for name in draw(st.permutations(sorted(values)))}


@given(settings_of_some_model())
def test_a_name_is_read_back_as_the_same_name_whatever_the_order(told):
    model, settings = told
    name = named(model, settings)
    assert model_name(name) == name
    assert named(model, dict(reversed(settings.items()))) == name
    assert kind_of(name) == model
    assert all(SETTINGS[model][setting].kind is type(value) for setting, value in settings_of(name).items())


def test_what_is_as_by_default_is_not_said():
    assert named("logistic", {"l2": 0, "learning_rate": 0.05}) == "logistic"
    assert named("logistic", {"l2": 0.001, "learning_rate": 0.05}) == "logistic[l2=0.001]"
    assert model_name("logistic[learning_rate=0.05]") == "logistic"


@pytest.mark.parametrize("model", SETTINGS)
def test_every_model_with_settings_has_some_to_try_by_itself(model):
    assert len(combinations(model, {})) >= 4
    assert model in combinations(model, {})


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("logistic[learning_rate=0.1,learning_rate=0.2]", "once only"),
        ("logistic[rate=0.1]", "logistic has no setting rate; it has learning_rate, l2"),
        ("hoeffding_tree[grace_period=10.5]", "grace_period is a whole number from 10 to 100000 (found: 10.5)"),
        ("logistic[learning_rate=nan]", "learning_rate is a number from 1e-05 to 10"),
        ("logistic[]", "settings are numbers"),
        ("committee[x=1]", "one of logistic"),
    ],
)
def test_a_name_that_is_none_is_told(name, told):
    with pytest.raises(ValueError, match=re.escape(told)):
        model_name(name)
