"""From the board to the numbers on the page. Pure: `now` is passed."""

from collections.abc import Iterable, Mapping, Sequence
from statistics import median, quantiles

from winnow.dashboard.board import Board, Reading, Values, number
from winnow.dashboard.figures import Alarm, Delay, Flow, Gate, Learner, Queue, Recalls, Reported, Scorer
from winnow.dashboard.history import history, share_before
from winnow_schemas.drift_alarms import DriftAlarm
from winnow_schemas.metrics import Family

SILENT_AFTER_S = 60.0
"""A source from which nothing came for so long is shown as silent and is left out of sums."""


def report(board: Board, now: float, told: Sequence[DriftAlarm] = ()) -> Reported:
    """Everything the board knows, in numbers; `told` are alarms with their reasons, newest first."""
    flow = _flow(board)
    scorers = board.latest("scorer")
    live = [reading for reading in scorers.values() if not _silent(reading, now)]
    return Reported(
        flow=flow,
        gate=_gate(board),
        queue=_queue(board, flow, now),
        scorers=[_scorer(source, reading, now) for source, reading in scorers.items()],
        records_per_second=_total(live, "records_per_second"),
        learner=_learner(_newest(board, "learner")),
        delay=_delay(scorers.values()),
        alarms=_alarms(board, told),
        recalls=_recalls(board, now),
        history=history(board),
    )


def _flow(board: Board) -> Flow:
    values = _newest(board, "flow")
    count = {
        name: _whole(values, name) or 0
        for name in ("records", "auto", "review", "unlabelled", "dead", "open", "labelled_by_people", "expired")
    }
    ended = count["labelled_by_people"] + count["expired"]
    closed = _whole(values, "closed")
    otherwise = max(0, closed - ended) if closed is not None else 0
    readings = board.history("flow")
    return Flow(
        **count,
        closed_otherwise=otherwise,
        missing=count["records"] - sum(count[name] for name in ("auto", "review", "unlabelled", "dead")),
        missing_review=count["review"] - count["open"] - ended - otherwise,
        auto_share=count["auto"] / count["records"] if count["records"] else None,
        recent_auto_share=share_before(readings, len(readings) - 1) if readings else None,
        by_reason=_by_name(values, "by_reason"),
        by_label=_by_name(values, "by_label"),
    )


def _gate(board: Board) -> Gate:
    values = _newest(board, "gate")
    state, met, notice = values.get("state"), values.get("met"), values.get("notice")
    return Gate(
        state=state if isinstance(state, str) else None,
        epoch=_whole(values, "epoch"),
        policy_version=_version(values, "policy_version"),
        target=number(values, "target"),
        confidence=number(values, "confidence"),
        error_estimate=number(values, "error_estimate"),
        error_at_most=number(values, "error_at_most"),
        released=_whole(values, "released"),
        met=met if isinstance(met, bool) else None,
        audit_rate=number(values, "audit_rate"),
        audits=_whole(values, "audits"),
        review_share=number(values, "review_share"),
        lag=_whole(values, "lag"),
        notice=notice if isinstance(notice, str) else None,
        thresholds=_by_name(values, "thresholds"),
        alarms=_whole(values, "alarms") or 0,
    )


def _queue(board: Board, flow: Flow, now: float) -> Queue:
    workers = [reading for reading in board.latest("queue").values() if not _silent(reading, now)]
    counted = _total(workers, "open")
    recalled = int(_total(workers, "open_recalled") or 0)  # asked by review, so not in the scorers' sum
    return Queue(
        open=flow.open + recalled if board.newest("flow") else None if counted is None else int(counted),
        leased=_as_int(_total(workers, "leased")),
        oldest_s=_most(workers, "oldest_s"),
        reviewers=_as_int(_most(workers, "reviewers")),
    )


def _alarms(board: Board, told: Sequence[DriftAlarm]) -> list[Alarm]:
    """Those with a reason; where none was told, those that the gate has counted."""
    if not told:
        return [Alarm(count, at, exact=at != board.gate_since) for count, at in board.alarms()]
    last = max(_whole(_newest(board, "gate"), "alarms") or 0, len(told))
    return [
        Alarm(last - place, alarm.at.timestamp(), exact=True, kind=alarm.kind, message=alarm.message)
        for place, alarm in enumerate(told)
    ]


def _recalls(board: Board, now: float) -> Recalls:
    workers = [reading for reading in board.latest("queue").values() if not _silent(reading, now)]
    return Recalls(
        lately=int(board.total("queue", "recalled")),
        waiting=_as_int(_total(workers, "recalls_waiting")),
        open=_as_int(_total(workers, "open_recalled")),
    )


def _scorer(source: str, reading: Reading, now: float) -> Scorer:
    return Scorer(
        source=source,
        model_version=_version(reading.values, "model_version"),
        policy_version=_version(reading.values, "policy_version"),
        records_per_second=number(reading.values, "records_per_second"),
        stale=bool(reading.values.get("stale")),
        silent=_silent(reading, now),
    )


def _learner(values: Values) -> Learner:
    return Learner(
        version=_version(values, "version"),
        accuracy=_by_name(values, "accuracy"),
        log_loss=_by_name(values, "log_loss"),
    )


def _delay(scorers: Iterable[Reading]) -> Delay:
    delays = [delay for reading in scorers for delay in _list(reading.values, "answer_to_model_s")]
    if not delays:
        return Delay()
    p95 = quantiles(delays, n=20, method="inclusive")[-1] if len(delays) > 1 else delays[0]
    return Delay(median_s=median(delays), p95_s=p95)


def _newest(board: Board, family: Family) -> Values:
    reading = board.newest(family)
    return reading.values if reading else {}


def _silent(reading: Reading, now: float) -> bool:
    return reading.end < now - SILENT_AFTER_S


def _total(readings: Iterable[Reading], name: str) -> float | None:
    known = _known(readings, name)
    return sum(known) if known else None


def _most(readings: Iterable[Reading], name: str) -> float | None:
    return max(_known(readings, name), default=None)


def _known(readings: Iterable[Reading], name: str) -> list[float]:
    return [value for reading in readings if (value := number(reading.values, name)) is not None]


def _whole(values: Values, name: str) -> int | None:
    return _as_int(number(values, name))


def _version(values: Values, name: str) -> int | None:
    """A version; the negative ones mean that there is none."""
    version = _whole(values, name)
    return None if version is None or version < 0 else version


def _as_int(value: float | None) -> int | None:
    return None if value is None else int(value)


def _by_name(values: Values, name: str) -> Mapping[str, float]:
    value = values.get(name)
    return value if isinstance(value, dict) else {}


def _list(values: Values, name: str) -> list[float]:
    value = values.get(name)
    return value if isinstance(value, list) else []
