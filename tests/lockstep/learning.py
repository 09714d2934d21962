"""The learner: its handler between its reader of verdicts and its transactions."""

import threading
from dataclasses import replace

from tests.lockstep.waiting import promptly
from tests.lockstep.worker import Clock

from winnow.learner.app import _room
from winnow.learner.figures import Figures
from winnow.learner.handler import LearnerHandler
from winnow.learner.settings import learner_settings
from winnow.learner.verdict_reader import VerdictReader
from winnow.runtime.consumed import incoming
from winnow.runtime.messages import Incoming
from winnow.runtime.metrics import MetricsWindow
from winnow.runtime.policy import LoopPolicy
from winnow.runtime.settings import Settings
from winnow.runtime.transactions import Transactions

_SHORT_S = 0.05


class Learning:
    """Publishes when all verdicts that are due are learned; `clock` makes a snapshot cost no time."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        about = replace(learner_settings(settings), champion_s=0.0)
        self._clock = clock
        self._transactions = Transactions(settings.producer_config(f"{settings.prefix}.learner"), LoopPolicy())
        self._transactions.open(threading.Event())
        self._room = _room(settings, about)
        window = MetricsWindow("learner", "learner", settings.topics["metrics"], clock())
        self._handler = LearnerHandler(about, self._room, Figures(window), clock)
        self._reader = _PromptReader(settings, self._room.first_offset)
        self._reader.start()

    @property
    def version(self) -> int:
        """Of the champion."""
        return self._room.champion.next_offset

    def learn(self, verdicts: int) -> None:
        """Until so many are learned in all, and published."""

        def learned() -> bool:
            self._handler.learn(self._reader.take(), self._clock())
            return self._room.champion.learned >= verdicts

        promptly(learned, f"{verdicts} verdicts being learned")
        assert self._room.champion.learned == verdicts
        issue = self._handler.due(self._clock())
        assert issue is not None
        self._transactions.run(issue.messages(), {}, lambda: None, lambda: False)
        self._handler.committed()
        assert self._handler.published_version == self.version

    def close(self) -> None:
        """Close the connections."""
        self._reader.close()


class _PromptReader(VerdictReader):
    """Does not wait for a second verdict when there is one."""

    def take(self) -> list[Incoming]:
        messages = self._consumer.consume(1, _SHORT_S)
        return incoming(message for message in messages if message.error() is None or self._complain(message))

    def close(self) -> None:
        self._consumer.close()
