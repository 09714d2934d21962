import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from winnow.core.checks import LabelledRecord, all_findings
from winnow.core.checks.drift import check_drift
from winnow.core.checks.inputs import check_inputs
from winnow.core.checks.label_balance import check_balance
from winnow.core.checks.label_noise import check_label_noise, doubtful
from winnow.core.checks.near_duplicates import check_duplicates
from winnow_schemas.task import Task

TABLE = Task.model_validate(
    {
        "task": "sizes",
        "labels": ["small", "large"],
        "input": {"features": {"size": "number", "colour": "category"}},
    }
)
MAILS = Task.model_validate({"task": "mails", "labels": ["ham", "spam"], "input": {"text": True}})
LETTER = "please find the minutes of our meeting of last tuesday below and tell me what is missing from them"


def sizes(count, start=0, moved=0.0):
    chance = random.Random(start)
    for line in range(start + 1, start + count + 1):
        size = chance.gauss(moved, 1)
        yield LabelledRecord(line, "large" if size > 0 else "small", {"size": size, "colour": chance.choice("rgb")})


def mail(line, label, text):
    return LabelledRecord(line, label, {"text": text})


def told(findings):
    return [(finding.level, list(finding.lines)) for finding in findings]


def test_good_data_gives_no_reason_to_look():
    findings = list(all_findings(list(sizes(400)), TABLE, "gaussian_naive_bayes"))
    assert {finding.check for finding in findings} == {"inputs", "balance", "duplicates", "drift", "label noise"}
    assert [finding.says for finding in findings if finding.level != "fine" and finding.check != "label noise"] == []


def test_an_input_that_is_missing_or_tells_nothing_is_named():
    records = [LabelledRecord(line, "small", {"colour": "r"}, misfits=line % 2) for line in (1, 2, 3)]
    findings = check_inputs(records, TABLE)
    assert [finding.says for finding in findings] == [
        "size is missing in 100% of the records",
        "colour is the same in all records: it tells nothing",
        "2 records have values of another kind than the task says; models leave those out",
    ]
    assert findings[-1].lines == [1, 3]


def test_labels_that_never_come_or_seldom_are_named():
    records = [*sizes(60), LabelledRecord(99, "medium", {"size": 0.0})]
    findings = check_balance(records, (*TABLE.labels, "huge"))
    assert [finding.says for finding in findings[1:]] == [
        "no record has the label huge",
        "fewer than 20 records have the label medium",
    ]
    assert findings[2].lines == [99]


def test_equal_texts_with_different_labels_are_found_and_the_fewer_are_listed():
    records = [mail(line, "ham", LETTER) for line in (1, 2)] + [mail(3, "spam", LETTER), mail(4, "spam", "hi")]
    assert told(check_duplicates(records)) == [("fine", []), ("look", [3])]


def test_texts_that_differ_in_a_word_are_nearly_equal_and_others_are_not():
    much = " ".join(f"{LETTER} {number}" for number in range(4))
    assert told(check_duplicates([mail(1, "ham", much), mail(2, "spam", much + " today")])) == [
        ("fine", []),
        ("look", [1, 2]),
    ]
    assert told(check_duplicates([mail(1, "ham", much), mail(2, "spam", LETTER[::-1])])) == [("fine", [])]


def test_tables_are_equal_when_their_values_are_up_to_three_digits():
    records = [LabelledRecord(line, label, {"size": size}) for line, label, size in ((1, "a", 1.0001), (2, "b", 1.0))]
    assert told(check_duplicates(records)) == [("fine", []), ("look", [1, 2])]
    assert told(check_duplicates([records[0], LabelledRecord(2, "b", {"size": 1.1})])) == [("fine", [])]


@given(st.lists(st.tuples(st.sampled_from(["a", "b"]), st.integers(0, 6)), max_size=30))
def test_a_record_is_repeated_as_often_as_it_came_before(pairs):
    records = [LabelledRecord(line, label, {"size": float(size)}) for line, (label, size) in enumerate(pairs)]
    (finding, *_) = check_duplicates(records)
    assert finding.figures.get("repeated", 0) == len(pairs) - len({size for _, size in pairs})


def test_a_stream_that_moved_is_seen_and_one_that_did_not_is_not():
    still = list(sizes(1_000))
    assert told(check_drift(still)) == [("fine", [])]
    moved = check_drift([*sizes(500), *sizes(500, start=500, moved=1.0)])
    assert {finding.says.split()[0] for finding in moved} == {"size", "label"}


def test_a_word_that_became_common_is_named():
    before = [mail(line, "ham", f"letter {line}") for line in range(500)]
    after = [mail(line, "ham", f"letter {line} unsubscribe") for line in range(500, 1000)]
    (finding,) = check_drift([*before, *after])
    assert finding.says == 'text (the word "unsubscribe") differs by 1.00 between first and last part'


def test_wrong_labels_are_doubted_and_most_others_are_not():
    records = list(sizes(600))
    wrong = [place for place, record in enumerate(records) if abs(record.values["size"]) > 1.5][::4]
    for place in wrong:
        other = {"small": "large", "large": "small"}[records[place].label]
        records[place] = LabelledRecord(records[place].line, other, records[place].values)
    (finding,) = check_label_noise(records, TABLE, "committee")
    assert {place + 1 for place in wrong} <= set(finding.lines)
    assert set(finding.lines[: len(wrong)]) == {place + 1 for place in wrong}


def test_a_label_is_doubted_only_where_another_one_is_sure():
    scores = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.05, 0.95], [0.1, 0.9]])
    assert doubtful(scores, np.array([0, 0, 1, 1, 0])) == [4]


def test_too_few_records_are_not_doubted():
    (finding,) = check_label_noise(list(sizes(20)), TABLE, "logistic")
    assert finding.level == "fine"


def test_a_model_that_does_not_fit_the_task_is_refused():
    with pytest.raises(ValueError, match="there is no such model"):
        list(all_findings(list(sizes(60)), TABLE, "oracle"))
