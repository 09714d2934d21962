"""Labelling functions run apart: whatever one does, an answer comes and the others go on."""

from pathlib import Path

import pytest

from winnow.runtime.errors import UsageError
from winnow.runtime.labelling_functions import FunctionLimits, LabellingFunctions

LIMITS = FunctionLimits(seconds=0.3, memory=1 << 30)
RECORD = {"id": "r1", "text": "win cash now", "features": {"size": 3}}
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
    return "ham" if record["features"] == {"size": 3} and record["text"] == "win cash now" else "spam"

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


@pytest.fixture(scope="module")
def heard(tmp_path_factory):
    file = tmp_path_factory.mktemp("functions") / "rules.py"
    file.write_text(FUNCTIONS)
    with LabellingFunctions(file, ("ham", "spam"), LIMITS) as functions:
        first = functions.ask(RECORD)
        assert functions.described["cash"].startswith("Cash is spam.")
        return functions.names, first, functions.ask(RECORD)


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
        said = functions.ask(RECORD)
    assert (said["ends"].outcome, said["votes"].label) == ("error", "ham")


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
