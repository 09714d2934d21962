"""The newest alarms with their reasons, from `drift-alarms`. Pure; the same messages in any order give the same log."""

from winnow_schemas.drift_alarms import DriftAlarm

MOST = 50


class AlarmLog:
    """An alarm that is read twice stands once."""

    def __init__(self) -> None:
        self._alarms: dict[tuple[int, str], DriftAlarm] = {}

    def take(self, alarm: DriftAlarm) -> None:
        """A message of the topic."""
        self._alarms[alarm.version, alarm.kind] = alarm
        if len(self._alarms) > MOST:
            del self._alarms[min(self._alarms)]

    def newest_first(self) -> list[DriftAlarm]:
        """All that are kept."""
        return [self._alarms[place] for place in sorted(self._alarms, reverse=True)]
