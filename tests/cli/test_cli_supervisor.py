"""Children of `winnow up`: started again, ended in time, and never left behind."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil
import pytest
from tests.support.waiting import eventually

from winnow.cli.failures import CommandFailed
from winnow.cli.restart_policy import RestartPolicy
from winnow.cli.supervisor import ServiceProcess, Supervisor

FOR_EVER = "import time\nwhile True: time.sleep(0.05)"
AT_ONCE = RestartPolicy(first_s=0.05, longest_s=0.05)


def service(tmp_path: Path, code: str) -> ServiceProcess:
    return ServiceProcess("scorer", [sys.executable, "-c", code], dict(os.environ), tmp_path / "scorer.log")


def marked(tmp_path: Path) -> str:
    """A program that appends its process id to a file and goes on for ever."""
    return f"import os\nopen({str(tmp_path / 'pids')!r}, 'a').write(f'{{os.getpid()}}\\n')\n{FOR_EVER}"


def pids(tmp_path: Path) -> list[int]:
    path = tmp_path / "pids"
    return [int(line) for line in path.read_text().split()] if path.exists() else []


def test_a_child_that_fails_is_started_again(tmp_path: Path) -> None:
    told: list[str] = []
    code = f"open({str(tmp_path / 'runs')!r}, 'a').write('x')\nraise SystemExit(1)"

    with Supervisor([service(tmp_path, code)], AT_ONCE, told.append) as supervisor:

        def ran_three_times() -> bool:
            supervisor.watch()
            return len((tmp_path / "runs").read_text()) >= 3 if (tmp_path / "runs").exists() else False

        eventually(ran_three_times, within_s=20, what="three runs")

    assert "scorer ended with code 1" in told[0]


def test_a_child_that_was_used_wrongly_is_given_up_with_its_last_words(tmp_path: Path) -> None:
    code = "print('no salt given')\nraise SystemExit(2)"

    with Supervisor([service(tmp_path, code)], AT_ONCE, print) as supervisor:

        def given_up() -> bool:
            try:
                supervisor.watch()
            except CommandFailed as error:
                return "no salt given" in str(error)
            return False

        eventually(given_up, within_s=20, what="giving up")


def test_all_children_have_ended_when_the_supervisor_has(tmp_path: Path) -> None:
    with Supervisor([service(tmp_path, marked(tmp_path)), service(tmp_path, marked(tmp_path))], AT_ONCE, print):
        eventually(lambda: len(pids(tmp_path)) == 2, within_s=20, what="two children")

    assert not any(psutil.pid_exists(pid) for pid in pids(tmp_path))


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_no_child_outlives_a_supervisor_that_was_killed(tmp_path: Path, how: signal.Signals) -> None:
    code = textwrap.dedent(f"""
        import os, sys, time
        from pathlib import Path
        from winnow.cli.restart_policy import RestartPolicy
        from winnow.runtime.stop_signals import stop_on_signals
        from winnow.cli.supervisor import ServiceProcess, Supervisor
        child = ServiceProcess("scorer", [sys.executable, "-c", {marked(tmp_path)!r}], dict(os.environ))
        with stop_on_signals() as stop, Supervisor([child], RestartPolicy(), print) as supervisor:
            while not stop.wait(0.05):
                supervisor.watch()
    """)
    parent = subprocess.Popen([sys.executable, "-c", code])
    try:
        eventually(lambda: len(pids(tmp_path)) == 1, within_s=30, what="a child")
        parent.send_signal(how)
        parent.wait(timeout=15)
    finally:
        parent.kill()

    eventually(lambda: not psutil.pid_exists(pids(tmp_path)[0]), within_s=10, what="the end of the child")


def test_a_child_that_does_not_listen_is_ended_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("winnow.cli.supervisor.STOP_WITHIN_S", 0.3)
    deaf = f"import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n{marked(tmp_path)}"

    with Supervisor([service(tmp_path, deaf)], AT_ONCE, print):
        eventually(lambda: len(pids(tmp_path)) == 1, within_s=20, what="a child")
        began = time.monotonic()

    assert time.monotonic() - began < 10
    assert not psutil.pid_exists(pids(tmp_path)[0])
