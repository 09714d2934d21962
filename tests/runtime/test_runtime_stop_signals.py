"""A signal that asks to end is heard, whatever the main thread is doing at that moment."""

import subprocess
import sys
import textwrap

ASKED_WHILE_WAITING = """
    import os, signal, threading
    from winnow.runtime.stop_signals import stop_on_signals

    for turn in range(300):
        with stop_on_signals() as stop:
            threading.Timer(turn * 1e-5, os.kill, (os.getpid(), signal.SIGTERM)).start()
            while not stop.wait(0.0):
                pass
    print("heard", turn + 1)
"""

FORMER_HANDLERS = """
    import signal
    from winnow.runtime.stop_signals import stop_on_signals

    numbers = (signal.SIGTERM, signal.SIGINT)
    before = [signal.getsignal(number) for number in numbers]
    with stop_on_signals():
        assert all(signal.getsignal(number) not in before for number in numbers)
    assert [signal.getsignal(number) for number in numbers] == before
    print("back")
"""


def run(program: str) -> str:
    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, timeout=60, check=False
    )
    return ended.stdout.strip() or ended.stderr


def test_a_signal_in_the_middle_of_a_wait_for_it_is_heard():
    assert run(ASKED_WHILE_WAITING) == "heard 300"


def test_the_former_handlers_come_back():
    assert run(FORMER_HANDLERS) == "back"
