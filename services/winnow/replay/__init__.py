"""Replay: what a task would have cost on a labelled file. The same core as the services, without Kafka."""

from winnow.replay.conditions import Conditions
from winnow.replay.figures import Figures
from winnow.replay.loop import Replay
from winnow.replay.stream import DeadLine, Line, TrueRecord

__all__ = ["Conditions", "DeadLine", "Figures", "Line", "Replay", "TrueRecord"]
