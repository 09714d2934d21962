"""What each reviewer did within the last day: answers, skips, seconds. Pure, bounded by reviewers × `REMEMBERED`."""

from collections import Counter, OrderedDict
from dataclasses import dataclass
from statistics import median

from winnow_schemas.review_responses import Action, ReviewResponse

DAY_S, HOUR_S = 86_400.0, 3_600.0
REMEMBERED = 2_000
"""Responses of one reviewer: who gives more in a day is judged by the newest."""
MAX_REVIEWERS = 1_000


@dataclass(frozen=True, slots=True)
class ActivityFigures:
    """One reviewer's last day; times in seconds since the epoch, `median_seconds` spent on a label."""

    answers: int = 0
    skips: int = 0
    put_backs: int = 0
    undone: int = 0
    answers_last_hour: int = 0
    median_seconds: float | None = None
    last_at: float | None = None

    @property
    def skip_rate(self) -> float | None:
        """Skips among all records this reviewer decided about."""
        decided = self.answers + self.skips
        return self.skips / decided if decided else None


class Activity:
    """Remembers responses, a repeated one once."""

    def __init__(self) -> None:
        self._by_reviewer: OrderedDict[str, OrderedDict[str, tuple[float, Action, float | None]]] = OrderedDict()

    def hear(self, response: ReviewResponse, at: float) -> None:
        """One response that Kafka got `at`."""
        heard = self._by_reviewer.setdefault(response.reviewer, OrderedDict())
        self._by_reviewer.move_to_end(response.reviewer)
        heard.setdefault(response.response_id, (at, response.action, response.seconds))
        while len(heard) > REMEMBERED:
            heard.popitem(last=False)
        while len(self._by_reviewer) > MAX_REVIEWERS:
            self._by_reviewer.popitem(last=False)

    def of(self, reviewer: str, now: float) -> ActivityFigures:
        """The last day of one reviewer."""
        heard = [each for each in self._by_reviewer.get(reviewer, {}).values() if now - each[0] <= DAY_S]
        if not heard:
            return ActivityFigures()
        actions = Counter(action for _, action, _ in heard)
        seconds = [spent for _, action, spent in heard if action == "label" and spent is not None]
        return ActivityFigures(
            answers=actions["label"],
            skips=actions["skip"],
            put_backs=actions["put_back"],
            undone=actions["undo"],
            answers_last_hour=sum(action == "label" and now - at <= HOUR_S for at, action, _ in heard),
            median_seconds=median(seconds) if seconds else None,
            last_at=max(at for at, _, _ in heard),
        )
