"""How a service's process ends: its exit code, its one line, and signals."""

import signal
import subprocess
import sys
import textwrap

import pytest
from tests.support.waiting import eventually
from tests.support.worker_processes import Workers

from winnow.demo.free_port import free_ports
from winnow.runtime.settings import Settings


def run(main: str) -> subprocess.CompletedProcess[str]:
    program = textwrap.dedent("""
        from winnow.runtime.errors import RestartNeeded, TransientError, UsageError
        from winnow.runtime.process import run_service
        def main(settings):
            {main}
        run_service("scorer", main)
    """).format(main=main)
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    ("main", "code", "line"),
    [
        ("return 0", 0, ""),
        ("raise UsageError('no salt:\\n set one')", 2, "winnow scorer: no salt: set one"),
        ("raise RestartNeeded('fenced')", 1, "winnow scorer: fenced: exit for a restart"),
        ("raise TransientError('no Redis')", 1, "winnow scorer: no Redis: exit for a restart"),
    ],
)
def test_an_end_that_was_planned_is_a_code_and_at_most_one_line(main, code, line):
    ended = run(main)

    assert (ended.returncode, ended.stderr.strip(), ended.stdout) == (code, line, "")


def test_a_crash_is_logged_with_its_position_and_told_in_the_last_line():
    ended = run("error = KeyError('x'); error.add_note('while handling records/0/7'); raise error")

    assert ended.returncode == 1
    assert "while handling records/0/7" in ended.stderr
    assert "Traceback" in ended.stderr
    assert ended.stderr.splitlines()[-1] == "winnow scorer: crashed (KeyError: 'x'); see the log"


def test_a_worker_that_waits_for_a_broker_ends_with_0_when_it_is_asked_to(tmp_path):
    nobody = {"bootstrap_servers": f"127.0.0.1:{free_ports(1)[0]}"}
    settings = Settings(kafka=nobody)
    with Workers(settings, tmp_path, "tests.support.copy_worker", ["source", "target", "0"]) as workers:
        workers.start("0")
        eventually(lambda: "waiting for the broker" in workers.log_file("0").read_text())
        workers.signal("0", signal.SIGTERM)
        workers.signal("0", signal.SIGTERM)
        assert workers.wait("0", within_s=10) == 0
