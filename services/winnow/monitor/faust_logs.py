"""What Faust and its client say, without what they say ten times a second while the cluster is away."""

import logging

_LEVELS = {
    "faust": logging.WARNING,
    "mode": logging.WARNING,
    "winnow.monitor.transport": logging.WARNING,
    "winnow.monitor.faust_app": logging.WARNING,
    "aiokafka": logging.ERROR,
    "faust.transport.producer": logging.ERROR,
}
_CHATTY = "aiokafka.consumer.group_coordinator"
_AGAIN_AFTER_S = 30.0


class NotAgain(logging.Filter):
    """Lets the same message through once in a while only."""

    def __init__(self, again_after_s: float) -> None:
        super().__init__()
        self._again_after_s = again_after_s
        self._said: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to say it."""
        last, now = self._said.get(record.msg), record.created
        if last is not None and 0 <= now - last < self._again_after_s:
            return False
        self._said[record.msg] = now
        return True


def quieten_faust() -> None:
    """Once per process; what matters comes as an exception."""
    for name, level in _LEVELS.items():
        logging.getLogger(name).setLevel(level)
    logging.getLogger(_CHATTY).addFilter(NotAgain(_AGAIN_AFTER_S))
