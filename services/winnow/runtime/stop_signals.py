"""SIGTERM and Ctrl-C set an event, whatever the main thread is doing at that moment.

A handler runs in the main thread, between any two steps of it. If it set the event itself while the
main thread is inside a wait for that event, it would wait for a lock that its own thread holds, for
ever. So it only drops a note, which may be done anywhere, and another thread sets the event.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue

_NUMBERS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def stop_on_signals(stop: threading.Event | None = None) -> Iterator[threading.Event]:
    """The event (`stop`, or one of its own) that both signals set; the former handlers come back at the end.

    To be entered in the main thread.
    """
    event = threading.Event() if stop is None else stop
    notes: SimpleQueue[bool] = SimpleQueue()

    def listen() -> None:
        while notes.get():
            event.set()

    listener = threading.Thread(target=listen, name="stop signals", daemon=True)
    listener.start()
    before = {number: signal.signal(number, lambda _number, _frame: notes.put(True)) for number in _NUMBERS}
    try:
        yield event
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        notes.put(False)
        listener.join()
