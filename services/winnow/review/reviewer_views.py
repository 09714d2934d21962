"""What is told about reviewers and the queue: the shapes of `/v1/reviewers` and `/v1/queue`."""

from typing import Any

from winnow.core.consensus import Standing
from winnow.review.activity import ActivityFigures
from winnow.review.queue_outlook import Forecast
from winnow.review.queue_status import Pause, QueueStatus
from winnow.review.queue_watch import Waiting
from winnow.review.reviewers import Reviewer
from winnow.review.views import moment

ACTIVE_S = 600.0


def reviewer_view(
    reviewer: Reviewer, standing: Standing, activity: ActivityFigures, *, needs_second: bool, now: float
) -> dict[str, Any]:
    """One reviewer: the last day's work, and how often the answers were right since the beginning."""
    accuracy = standing.accuracy
    return {
        "name": reviewer.name,
        "role": reviewer.role,
        "active": activity.last_at is not None and now - activity.last_at <= ACTIVE_S,
        "last_at": None if activity.last_at is None else moment(activity.last_at),
        "day": {
            "answers": activity.answers,
            "skips": activity.skips,
            "put_backs": activity.put_backs,
            "undone": activity.undone,
            "skip_rate": _rounded(activity.skip_rate),
            "answers_last_hour": activity.answers_last_hour,
            "median_seconds": _rounded(activity.median_seconds),
        },
        "accuracy": {
            "judged": round(accuracy.judged, 1),
            "estimate": _rounded(accuracy.estimate) if accuracy.judged else None,
            "low": _rounded(accuracy.low),
            "high": _rounded(accuracy.high),
        },
        "gold": {"answers": standing.gold, "right": standing.gold_right},
        "agreement": {"compared": standing.compared, "agreed": standing.agreed},
        "verdicts": standing.verdicts,
        "needs_second": needs_second,
    }


def second_opinion_notice(standing: Standing, limit: float) -> str:
    """What a reviewer is told whose answers need another one beside them."""
    right, judged = round(standing.accuracy.right), round(standing.accuracy.judged)
    return (
        f"About {right} of {judged} of your answers that could be checked were right, fewer than the {limit:.0%} asked "
        "for: until that is better, a second person answers what you answer. Take your time; skip what you do not know."
    )


def queue_view(status: QueueStatus, pause: Pause | None, waiting: Waiting, forecast: Forecast) -> dict[str, Any]:
    """How the queue stands; reading it takes nothing from it, and blind requests are counted together."""
    counts = status.counts
    return {
        "open": counts.open,
        "leased": counts.leased,
        "waiting": counts.waiting,
        "blind": status.blind,
        "by_reason": dict(status.by_reason),
        "by_label": dict(status.by_label),
        "near_duplicates": status.near_duplicates,
        "pause": pause_view(pause),
        "oldest_seconds": _rounded(waiting.oldest_s),
        "waits": waiting.waits,
        "forecast": {
            "growth_per_hour": _rounded(forecast.growth_per_hour),
            "empty_at": None if forecast.empty_at is None else moment(forecast.empty_at),
        },
    }


def pause_view(pause: Pause | None) -> dict[str, Any] | None:
    """Who paused the queue, when and why; None while it gives out."""
    if pause is None or not pause.is_paused:
        return None
    return {"by": pause.by, "at": moment(pause.at), "note": pause.note}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
