"""Replay of a live run from its topics: every decision is made again, every policy issued again, and compared.

Reads topics and writes nothing to them. What was decided is taken from the topics; what should have been
decided is computed by the same core as the services use.
"""

from winnow.replay.topics.check import Run, Source, TopicsCheck
from winnow.replay.topics.findings import Difference, Findings, Tally

__all__ = ["Difference", "Findings", "Run", "Source", "Tally", "TopicsCheck"]
