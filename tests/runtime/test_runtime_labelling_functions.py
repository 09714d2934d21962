"""Labelling functions run apart: whatever one does, an answer comes and the others go on."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from winnow.runtime.errors import UsageError
from winnow.runtime.function_rests import FunctionRests
from winnow.runtime.labelling_functions import FunctionLimits, LabellingFunctions, votes_of

LIMITS = FunctionLimits(seconds=0.3, memory=1 << 30)
RECORD = {"id": "r1", "text": "win cash now", "features": {"size": 3.0}}
FUNCTIONS = '''
from os.path import basename  # not the user's own

def cash(record):
    """Cash is spam.

    Always.
    """
    print("not an answer")
    return "spam" if "cash" in record["text"] else None

def _private(record):
    return "spam"

def abstains(record):
    return None

def raises(record):
    return record["features"]["no such thing"]

def exits(record):
    raise SystemExit(3)

def hangs(record):
    while True:
        pass

def swallows(record):
    while True:
        try:
            while True:
                pass
        except Exception:
            pass

def nonsense(record):
    return 7

def stranger(record):
    return "no such label"

def changes(record):
    record["text"] = "nothing"
    del record["features"]
    return "ham"

def sees(record):
    return "ham" if record["features"] == {"size": 3.0} and record["text"] == "win cash now" else "spam"

def phones(record):
    import socket
    socket.create_connection(("127.0.0.1", 9))

def starts(record):
    import subprocess
    subprocess.run(["true"])

def writes(record):
    open("left behind", "w")

def eats(record):
    return "x" * (1 << 34)

def stops(record):
    import time
    time.sleep(60)

def last(record):
    return "spam"
'''


def written(folder, text):
    file = folder / "rules.py"
    file.write_text(text)
    return file


@pytest.fixture(scope="module")
def heard(tmp_path_factory):
    file = tmp_path_factory.mktemp("functions") / "rules.py"
    file.write_text(FUNCTIONS)
    with LabellingFunctions(file, ("ham", "spam"), LIMITS) as functions:
        (first,) = functions.ask([RECORD])
        assert functions.described["cash"].startswith("Cash is spam.")
        return functions.names, first, functions.ask([RECORD])[0]


def test_the_files_own_public_functions_are_asked_in_their_order(heard):
    names, _, _ = heard
    assert names[:3] == ("cash", "abstains", "raises")
    assert {"_private", "basename"}.isdisjoint(names)
    assert names[-1] == "last"


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("cash", "vote"),
        ("abstains", "abstain"),
        ("raises", "error"),
        ("exits", "error"),
        ("hangs", "overrun"),
        ("swallows", "overrun"),
        ("stops", "overrun"),
        ("nonsense", "error"),
        ("stranger", "error"),
        ("phones", "error"),
        ("starts", "error"),
        ("writes", "error"),
        ("eats", "error"),
        ("changes", "vote"),
        ("sees", "vote"),
        ("last", "vote"),
    ],
)
def test_each_call_has_its_outcome_the_second_time_too(heard, name, outcome):
    _, first, second = heard
    assert first[name].outcome == second[name].outcome == outcome


def test_a_function_that_changes_its_record_changes_it_for_nobody_else(heard):
    assert heard[1]["sees"].label == "ham"


def test_errors_say_why(heard):
    assert "no such thing" in heard[1]["raises"].why
    assert "no label of the task" in heard[1]["stranger"].why
    assert "socket" in heard[1]["phones"].why


def test_a_process_that_is_ended_is_replaced(tmp_path):
    file = tmp_path / "rules.py"
    file.write_text("import os\ndef ends(record):\n    os._exit(1)\ndef votes(record):\n    return 'ham'\n")
    with LabellingFunctions(file, ("ham", "spam"), LIMITS) as functions:
        (said,) = functions.ask([RECORD])
    assert (said["ends"].outcome, said["votes"].label) == ("error", "ham")


BATCHES = FunctionLimits(seconds=0.2, memory=1 << 30, batch_seconds=0.4)
MANY = [{"id": f"r{number}", "text": str(number)} for number in range(40)]


def outcomes(said, name):
    return [heard[name].outcome for heard in said]


def test_a_batch_is_answered_record_by_record_in_order(tmp_path):
    file = written(tmp_path, "def even(record):\n    return 'ham' if int(record['text']) % 2 == 0 else None")
    with LabellingFunctions(file, ("ham", "spam"), BATCHES) as functions:
        said = functions.ask(MANY)
        assert functions.ask([]) == []
    assert [votes_of(heard) for heard in said] == [{"even": "ham"}, {}] * 20


def test_a_slow_function_keeps_no_batch_waiting_and_rests(tmp_path):
    slow = (
        "import time\ndef slow(record):\n    time.sleep(0.03)\n    return 'ham'\ndef fast(record):\n    return 'spam'"
    )
    with LabellingFunctions(written(tmp_path, slow), ("ham", "spam"), BATCHES) as functions:
        first, second = functions.ask(MANY), functions.ask(MANY[:2])
    assert outcomes(first, "slow")[0] == "vote"
    assert outcomes(first, "slow")[-1] == "overrun"
    assert outcomes(second, "slow") == ["overrun"] * 2
    assert {*outcomes(first, "fast"), *outcomes(second, "fast")} == {"vote"}


@pytest.mark.parametrize("ends", ["import os\n    os._exit(1)", "while True:\n        pass"])
def test_one_that_ends_the_process_or_hangs_rests_and_the_others_are_heard(tmp_path, ends):
    text = f"def before(record):\n    return 'ham'\ndef bad(record):\n    {ends}\ndef after(record):\n    return 'spam'"
    with LabellingFunctions(written(tmp_path, text), ("ham", "spam"), FunctionLimits(0.2, 1 << 30, 5.0)) as functions:
        said = functions.ask(MANY[:9])
    assert set(outcomes(said, "bad")) <= {"error", "overrun"}
    assert {*outcomes(said, "before"), *outcomes(said, "after")} == {"vote"}


def test_when_the_file_is_gone_all_abstain(tmp_path):
    file = written(tmp_path, "import os\ndef ends(record):\n    os._exit(1)\ndef votes(record):\n    return 'ham'")
    with LabellingFunctions(file, ("ham", "spam"), FunctionLimits(0.2, 1 << 30, 5.0)) as functions:
        file.unlink()
        said = functions.ask(MANY[:2])
    assert [votes_of(heard) for heard in said] == [{}, {}]
    assert said[0]["votes"].outcome == "error"


def test_only_those_that_are_named_are_asked(tmp_path):
    file = written(tmp_path, "def one(record):\n    return 'ham'\ndef two(record):\n    return 'ham'")
    with LabellingFunctions(file, ("ham", "spam"), LIMITS, ("two",)) as functions:
        assert list(functions.ask(MANY[:1])[0]) == ["two"]
    with pytest.raises(UsageError, match="it has no function three; it has one, two"):
        LabellingFunctions(file, ("ham", "spam"), LIMITS, ("three",))


def test_a_record_with_a_time_can_be_asked_about(tmp_path):
    file = written(tmp_path, "def early(record):\n    return 'ham' if record['at'] < '2026-02' else None")
    with LabellingFunctions(file, ("ham", "spam"), LIMITS) as functions:
        (said,) = functions.ask([{"at": datetime(2026, 1, 1, tzinfo=UTC), "text": "x"}])
    assert said["early"].label == "ham"


def test_who_fails_again_and_again_rests_longer_each_time():
    rests = FunctionRests()
    assert rests.awake(["a", "b"], 0.0) == ["a", "b"]
    rests.failed("a", 0.0)
    assert rests.awake(["a", "b"], 0.9) == ["b"]
    assert rests.awake(["a", "b"], 1.0) == ["a", "b"]
    rests.failed("a", 1.0)
    assert rests.awake(["a"], 2.9) == []
    rests.did_well("a")
    rests.failed("a", 10.0)
    assert rests.awake(["a"], 11.0) == ["a"]
    for _ in range(20):
        rests.failed("a", 20.0)
    assert (rests.awake(["a"], 79.0), rests.awake(["a"], 80.0)) == ([], ["a"])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("def broken(:", "SyntaxError"),
        ("import no_such_module", "no_such_module"),
        ("x = 1", "no public function"),
        ("raise SystemExit", "SystemExit"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_in_one_line(tmp_path: Path, text: str, why: str):
    file = tmp_path / "rules.py"
    file.write_text(text)
    with pytest.raises(UsageError, match=why) as error:
        LabellingFunctions(file, ("ham",), LIMITS)
    assert "\n" not in str(error.value)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(UsageError, match="there is no such file of labelling functions"):
        LabellingFunctions(tmp_path / "rules.py", ("ham",), LIMITS)
