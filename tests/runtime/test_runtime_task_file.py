"""The task file: whatever is wrong is told with its line, its path and what is allowed."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from winnow.runtime.errors import UsageError
from winnow.runtime.task_file import load_task, parse_task
from winnow_schemas.task_models import ModelSpec

FULL = """\
task: spam
labels: [ham, spam]            # open_labels: true lets reviewers add one
input: {text: true}
target: {error: 0.05, confidence: 0.95, per_label: false}
review: {answers: 1, lease: 5m, expires: 14d, audit_expires: 24h, gold_share: 0.02}
learn: {every: 1}
sampling: [uncertainty, novelty]
model: {champion: text_logistic, challengers: [text_naive_bayes, committee]}
labelling_functions: spam_rules.py
"""
LEAST = "task: spam\nlabels: [ham, spam]\ninput: {text: true}\n"


def errors_of(text: str) -> list[str]:
    with pytest.raises(UsageError) as caught:
        parse_task(text, "task.yaml")
    return str(caught.value).splitlines()


def test_a_full_task_file_is_read(tmp_path: Path):
    file = tmp_path / "task.yaml"
    file.write_text(FULL)
    task = load_task(file)
    assert task.champion == "text_logistic"
    assert task.review.lease == timedelta(minutes=5)


def test_doubt_between_two_labels_decides_within_a_budget_unless_the_task_says_otherwise():
    assert parse_task(LEAST).sampling == {"uncertainty": 1.0, "novelty": 1.0}
    assert parse_task(LEAST + "budget: {share: 0.2}").sampling == {"margin": 1.0}
    assert parse_task(LEAST + "budget: {share: 0.2}\nsampling: [novelty]").sampling == {"novelty": 1.0}


def test_a_model_of_ones_own_may_be_written_as_yaml_reads_it():
    text = LEAST + "model:\n  champion:\n    python: package.module:build\n"
    assert parse_task(text).champion == "python: package.module:build"
    assert parse_task(LEAST + 'model: {champion: "python: package.module:build"}').champion.startswith("python:")


def test_models_with_settings_may_be_written_in_two_ways():
    written = "champion: text_logistic[learning_rate=0.10]\n  challengers: [{text_logistic: {learning_rate: 1}}]"
    model = parse_task(f"{LEAST}model:\n  {written}\n").model
    assert model.champion == "text_logistic[learning_rate=0.1]"
    assert model.challengers == ("text_logistic[learning_rate=1]",)


def test_a_search_needs_no_more_than_names():
    model = parse_task(LEAST + "model: {search: [text_logistic]}").model
    assert model.candidates == (
        "text_logistic[learning_rate=0.03]",
        "text_logistic[learning_rate=0.1]",
        "text_logistic",
        "text_logistic[learning_rate=1]",
    )
    assert model.lessons == 200 * 4 * 2
    assert ModelSpec.model_validate(model.model_dump()) == model


@pytest.mark.parametrize(
    ("addition", "told"),
    [
        ("target: {error: 0.5}", "task.yaml:4: target.error: at most 0.3"),
        (
            "target:\n  error: .1\n  eror: 1",
            "task.yaml:6: target.eror: there is no such setting; did you mean error",
        ),
        ("\n\nreview:\n  lease: 5 minutes", "task.yaml:7: review.lease: a duration is a number and a unit"),
        ("review: {answers: 12}", "less than or equal to 9 (found: 12)"),
        ("learn: 3", "task.yaml:4: learn: a section is wanted, allowed in it: every (found: 3)"),
        ("sampling: [foo]", "task.yaml:4: sampling: foo is no strategy; there are uncertainty, entropy, margin"),
        ("sampling: [random, random]", "sampling: each strategy may stand once only; say how much each counts"),
        ("sampling: {random: 0}", "sampling: the weight of random must be a number above 0"),
        ("sampling: {random: .inf}", "sampling: the weight of random must be a number above 0"),
        ("sampling: []", "sampling: a list of strategies, or each with a weight, of uncertainty"),
        ("sampling: [density]", "density is known where a budget is spent only; say budget: {share: 0.2}"),
        ("sampling: [disagreement]\nmodel: {champion: text_logistic}", "but text_logistic decides"),
        ("budget: 0.2", "budget: a section is wanted, allowed in it: share, per_hour (found: 0.2)"),
        ("budget: {}", "budget: say one of share: 0.2 (of all records) and per_hour: 600 (requests)"),
        ("budget: {share: 0.2, per_hour: 600}", "budget: say one of share: 0.2"),
        ("budget: {share: 20}", "budget.share: input should be less than 1 (found: 20)"),
        ("budget: {share: 0}", "budget.share: input should be greater than or equal to 0.001 (found: 0)"),
        ("budget: {per_hour: lots}", "budget.per_hour: a number is wanted (found: lots)"),
        ("budget: {per_day: 600}", "there is no such setting; allowed here: share, per_hour"),
        ("model: {champion: forest}", "adaptive_random_forest"),
        ("model: {champion: logistic}", "task.yaml:4: model: logistic reads features"),
        ("model: {champion: text_logistic, search: [committee]}", "model.search.models: committee has no settings"),
        ("model: {search: []}", "models to try, as in [logistic]"),
        (
            "model: {search: {models: {text_logistic: {l2: [1]}}}}",
            "text_logistic has no setting l2; it has learning",
        ),
        ("model: {search: {models: {text_logistic: {learning_rate: []}}}}", "learning_rate needs values to try"),
        ("model: {search: {models: {text_logistic: {learning_rate: [0]}}}}", "a number from 0.0001 to 10 (found: 0)"),
        ("model: {search: {models: {text_logistic: 3}}}", "text_logistic: settings with values to try are wanted"),
        ("model: {search: {models: [text_logistic], lessons: 50}}", "lessons: at least 160, so that each of 4"),
        ("model: {search: {models: [text_logistic], rounds: 3}}", "no such setting; allowed here: models, lessons"),
        (
            "model: {search: [logistic]}",
            "model: logistic[learning_rate=0.005] reads features or an embedding",
        ),
        (
            "model: {champion: text_logistic, search: {models: {text_logistic: {learning_rate: [0.3]}}}}",
            "all it would try is champion or challenger already",
        ),
        (
            f"model: {{search: {{models: {{text_naive_bayes: {{alpha: {list(range(1, 34))}}}}}}}}}",
            "33 candidates, at most 32; give it fewer values to try",
        ),
        ("model: {champion: 'text_logistic[learning_rate=fast]'}", "settings are numbers, as in"),
        ("confidence: much", "'entropy', 'margin' or 'top'"),
        ("risk: {probation_rate: 0.01}", "task.yaml:4: risk: probation_rate must be at least audit_rate"),
        ("open_labels: perhaps", "open_labels: true or false is wanted (found: perhaps)"),
        ("labels: [a, b]", "task.yaml:4: labels: stands twice (first in line 2)"),
    ],
)
def test_a_mistake_is_told_with_line_path_and_what_is_allowed(addition, told):
    [error] = errors_of(LEAST + addition)
    assert told in error


def test_labels_that_yaml_takes_for_booleans_or_numbers_are_to_be_quoted():
    assert errors_of("task: a\ninput: {text: true}\nlabels: [yes, 2]\n") == [
        'task.yaml:3: labels.0: a text is wanted; put it in quotes: "yes"',
        'task.yaml:3: labels.1: a text is wanted; put it in quotes: "2"',
    ]


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file():
    errors = errors_of("task: Spam!\nlabels: [a, a]\ninputs: {text: true}\ntarget:\n  error: x\n")
    assert [int(error.split(":")[1]) for error in errors] == sorted(int(error.split(":")[1]) for error in errors)
    assert len(errors) == 4
    assert any("input: this is missing; for example input: {text: true}" in error for error in errors)


@pytest.mark.parametrize(
    "text", ["", "[a", "- a", "a: b: c", "\x00", "task: &a [*a]", "? [a]\n: b", "a: 2020-13-45", "a: !!python/name:os"]
)
def test_what_is_no_task_file_at_all_is_told(text):
    assert errors_of(text)[0].startswith("task.yaml")


def test_a_missing_file_is_told_with_what_to_do(tmp_path: Path):
    with pytest.raises(UsageError, match="WINNOW_TASK_FILE"):
        load_task(tmp_path / "none.yaml")
    with pytest.raises(UsageError, match="cannot read"):
        load_task(tmp_path)


@given(st.text(alphabet=st.sampled_from(list("task: labels{}[]&*!-\n\t#'\"|>?12a\x00é")), max_size=120))
def test_no_text_makes_anything_but_a_task_or_a_usage_error(text: str):
    for candidate in (text, LEAST + text):
        try:
            parse_task(candidate)
        except UsageError:
            continue
