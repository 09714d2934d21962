"""How each alarm of a demo went, and which model decided in the end. Pure."""

from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise

from winnow.cli.models_feed import Models
from winnow.cli.monitor_statements import Statements
from winnow.demo.report import AlarmStory, ModelStory
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


def model_story(models: Models) -> ModelStory:
    """As the reports on the models tell it."""
    champion = next((one for one in models.reports.values() if one.role == "champion"), None)
    return ModelStory(
        champion=champion.name if champion else None,
        since=champion.since if champion else None,
        why=champion.why if champion else None,
        challengers=[one.name for one in models.reports.values() if one.role == "challenger" and one.in_search is None],
    )


def _seconds(began: datetime, moments: Iterable[datetime]) -> float | None:
    first = next(iter(moments), None)
    return None if first is None else (first - began).total_seconds()
