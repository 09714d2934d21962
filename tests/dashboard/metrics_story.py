"""Metrics as the services would write them over an hour: cold, learning, labelling, an alarm, labelling again."""

import math
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from winnow_schemas.metrics import Family, Metric, MetricValue, Window

WINDOW_S = 10


def metric(  # noqa: PLR0917
    family: Family,
    source: str,
    start: float,
    values: dict[str, MetricValue],
    sequence: int = 0,
    seconds: float = WINDOW_S,
) -> Metric:
    window = Window(start=datetime.fromtimestamp(start, UTC), seconds=seconds)
    return Metric(family=family, source=source, window=window, sequence=sequence, values=values)


def story(end: float, windows: int = 360) -> Iterator[Metric]:
    """One message of each family and source per window; the last window begins at or before `end`."""
    flow = dict.fromkeys(("records", "auto", "review", "unlabelled", "dead", "labelled_by_people", "expired"), 0)
    first = end // WINDOW_S * WINDOW_S - (windows - 1) * WINDOW_S
    for step in range(windows):
        start, progress = first + step * WINDOW_S, step / windows
        state = _state(progress)
        _grow(flow, state, step)
        yield metric("flow", "monitor", start, _flow(flow), step)
        yield metric("gate", "monitor", start, _gate(progress, state, flow, step), step)
        yield from _services(start, progress, flow, step)


def _state(progress: float) -> str:
    for until, state in ((0.06, "cold"), (0.14, "building"), (0.22, "probation"), (0.62, "auto"), (0.70, "suspended")):
        if progress < until:
            return state
    return "auto"


def _grow(flow: dict[str, int], state: str, step: int) -> None:
    records = 38 + round(8 * math.sin(step / 9))
    share = {"probation": 0.52, "auto": 0.74 + 0.05 * math.sin(step / 17)}.get(state, 0.0)
    auto, dead, unlabelled = round(records * share), int(step % 23 == 0), int(step % 11 == 0)
    flow["records"] += records
    flow["auto"] += auto
    flow["dead"] += dead
    flow["unlabelled"] += unlabelled
    flow["review"] += records - auto - dead - unlabelled
    waiting = flow["review"] - flow["labelled_by_people"] - flow["expired"]
    flow["expired"] += int(step % 40 == 39)
    flow["labelled_by_people"] += min(waiting - 7, 16) if waiting > 7 else 0


def _flow(flow: dict[str, int]) -> dict[str, MetricValue]:
    closed = flow["labelled_by_people"] + flow["expired"]
    return {**flow, "closed": closed, "open": flow["review"] - closed}


def _gate(progress: float, state: str, flow: dict[str, int], step: int) -> dict[str, MetricValue]:
    labelling = state in {"probation", "auto"}
    values: dict[str, Any] = {
        "state": state,
        "epoch": 1 if progress < 0.62 else 2,
        "policy_version": step * 37,
        "target": 0.05,
        "confidence": 0.95,
        "audit_rate": 0.08 if labelling else 0.0,
        "alarms": int(progress >= 0.62),
        "lag": 3,
        "audits": flow["auto"] // 12,
        "released": int(flow["auto"] * 0.8),
        "met": True,
        "thresholds": {},
    }
    if progress > 0.1:
        values["error_estimate"] = 0.018 + 0.05 * math.exp(-progress * 9) + 0.006 * math.sin(step / 13)
    if progress > 0.62:
        values["error_estimate"] += 0.035 * math.exp(-(progress - 0.62) * 18)
    if values["released"]:
        values["error_at_most"] = min(0.12, 0.031 + 9 / values["released"])
    if labelling:
        values["thresholds"] = {"ham": 0.914 - 0.03 * progress, "spam": 0.872 - 0.05 * progress}
    return values


def _services(start: float, progress: float, flow: dict[str, int], step: int) -> Iterator[Metric]:
    waiting = flow["review"] - flow["labelled_by_people"] - flow["expired"]
    for slot in ("0", "1"):
        delays = [0.4 + 0.07 * ((step * 7 + i) % 11) for i in range(20)]
        yield metric(
            "scorer",
            f"scorer-{slot}",
            start,
            {
                "records": flow["records"] // 2,
                "records_per_second": 1.9 + 0.3 * math.sin(step / 9),
                "model_version": flow["labelled_by_people"] - 1,
                "policy_version": step * 37,
                "stale": False,
                "transaction_ms_p95": 6.2,
                "answer_to_model_s": delays,
            },
            step,
        )
    yield metric(
        "queue",
        "review-0",
        start,
        {
            "open": waiting,
            "leased": 6,
            "answered": flow["labelled_by_people"],
            "oldest_s": 40.0 + waiting,
            "reviewers": 3,
        },
        step,
    )
    yield metric(
        "learner",
        "learner",
        start,
        {
            "version": flow["labelled_by_people"],
            "learned": 1,
            "publish_ms": 38.0,
            "accuracy": {
                "text_logistic": 0.962 - 0.4 * math.exp(-progress * 25),
                "text_naive_bayes": 0.938 - 0.3 * math.exp(-progress * 40),
                "committee": 0.955 - 0.4 * math.exp(-progress * 20),
            },
        },
        step,
    )
