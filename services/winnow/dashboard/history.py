"""Columns for the charts: few enough points to send every second, evenly spaced."""

import math
from collections.abc import Sequence

from winnow.dashboard.board import Board, Reading, number
from winnow.dashboard.figures import History

POINTS = 180
STEP_S = 10.0
SHARE_OVER_S = 60.0
"""The auto share at a moment is that of the records of the minute before it."""


def history(board: Board) -> History:
    """Flow and gate as columns over the same times."""
    flow, gate = board.history("flow"), board.history("gate")
    shares = {reading.start: share_before(flow, place) for place, reading in enumerate(flow)}
    opens = {reading.start: number(reading.values, "open") for reading in flow}
    times = _thinned(sorted({reading.start for reading in (*flow, *gate)}))

    def of_gate(name: str) -> list[float | None]:
        values = {reading.start: number(reading.values, name) for reading in gate}
        return [values.get(at) for at in times]

    return History(
        at=times,
        auto_share=[shares.get(at) for at in times],
        error_estimate=of_gate("error_estimate"),
        error_at_most=of_gate("error_at_most"),
        target=of_gate("target"),
        open=[opens.get(at) for at in times],
    )


def share_before(flow: Sequence[Reading], place: int) -> float | None:
    """Share of auto labels among the records of the minute up to `flow[place]`; None without any."""
    now = flow[place]
    earlier = next((flow[i] for i in range(place - 1, -1, -1) if flow[i].start <= now.start - SHARE_OVER_S), None)
    auto, records = (_grown(now, earlier, name) for name in ("auto", "records"))
    if auto is None or records is None or records <= 0 or not 0 <= auto <= records:
        return None
    return auto / records


def _grown(now: Reading, earlier: Reading | None, name: str) -> float | None:
    value = number(now.values, name)
    before = number(earlier.values, name) if earlier else 0.0
    return None if value is None or before is None else value - before


def _thinned(times: Sequence[float]) -> list[float]:
    """At most about `POINTS` of the times: the last one of every step."""
    if not times:
        return []
    step = max(STEP_S, math.ceil((times[-1] - times[0]) / POINTS / STEP_S) * STEP_S)
    last: dict[int, float] = {int(at // step): at for at in times}
    return list(last.values())
