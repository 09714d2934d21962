"""How each alarm of a demo went: what it took back, and when the machine labelled again. Pure."""

from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise

from winnow.cli.monitor_statements import Statements
from winnow.demo.report import AlarmStory
from winnow.demo.tally import Tally


def alarm_stories(said: Statements, tally: Tally, began: datetime) -> list[AlarmStory]:
    """One for each alarm. It takes back labels of policy versions since the alarm before, up to its own."""
    bounds = [0, *(alarm.version for alarm in said.alarms)]
    return [
        AlarmStory(
            seconds=(alarm.at - began).total_seconds(),
            kind=alarm.kind,
            message=alarm.message,
            recalled=tally.recalled_between(first, end),
            labelled_again_s=_seconds(began, (policy.at for policy in said.openings if policy.version >= end)),
        )
        for alarm, (first, end) in zip(said.alarms, pairwise(bounds), strict=True)
    ]


def _seconds(began: datetime, moments: Iterable[datetime]) -> float | None:
    first = next(iter(moments), None)
    return None if first is None else (first - began).total_seconds()
