"""The numbers a visitor sees.

Shares and errors are fractions, times are seconds since the epoch, and what is not known is
None: a page that has no number says so and never shows a zero in its place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Tone = Literal["labelling", "learning", "stopped", "unknown"]


@dataclass(frozen=True)
class Flow:
    """What became of the records since the beginning.

    `missing` is how many records the outcomes do not account for, `missing_review` how many
    reviews are neither open nor closed; both are 0 when everything adds up.
    """

    records: int = 0
    auto: int = 0
    review: int = 0
    unlabelled: int = 0
    dead: int = 0
    open: int = 0
    labelled_by_people: int = 0
    expired: int = 0
    closed_otherwise: int = 0
    missing: int = 0
    missing_review: int = 0
    auto_share: float | None = None
    recent_auto_share: float | None = None
    by_reason: Mapping[str, float] = field(default_factory=dict)
    by_label: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Gate:
    """The error and how it is held; `released` counts auto labels, `lag` evidence not folded yet."""

    state: str | None = None
    epoch: int | None = None
    policy_version: int | None = None
    target: float | None = None
    confidence: float | None = None
    error_estimate: float | None = None
    error_at_most: float | None = None
    released: int | None = None
    met: bool | None = None
    audit_rate: float | None = None
    audits: int | None = None
    review_share: float | None = None
    lag: int | None = None
    notice: str | None = None
    thresholds: Mapping[str, float] = field(default_factory=dict)
    alarms: int = 0


@dataclass(frozen=True)
class Queue:
    """What waits for people, over all review workers that are heard of."""

    open: int | None = None
    leased: int | None = None
    oldest_s: float | None = None
    reviewers: int | None = None


@dataclass(frozen=True)
class Scorer:
    """One scorer, as it last reported; `stale` when it has no valid policy or model."""

    source: str
    model_version: int | None
    policy_version: int | None
    records_per_second: float | None
    stale: bool
    silent: bool


@dataclass(frozen=True)
class Learner:
    """The models: newest version, and by name (the champion first) how often each was right before it was told."""

    version: int | None = None
    accuracy: Mapping[str, float] = field(default_factory=dict)
    log_loss: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Delay:
    """Seconds from an answer to the moment at which a scorer uses what was learned from it."""

    median_s: float | None = None
    p95_s: float | None = None


@dataclass(frozen=True)
class Alarm:
    """`kind` and `message` say why, where that is known.

    `exact` is false for an alarm that may be older than the oldest message on the topic.
    """

    number: int
    at: float
    exact: bool
    kind: str | None = None
    message: str | None = None


@dataclass(frozen=True)
class Recalls:
    """Labels that were taken back: how many lately, how many have no recall yet, how many wait for people again."""

    lately: int = 0
    waiting: int | None = None
    open: int | None = None


@dataclass(frozen=True)
class History:
    """Columns for charts: at `at[i]` each figure had its value number i, None where unknown."""

    at: Sequence[float] = ()
    auto_share: Sequence[float | None] = ()
    error_estimate: Sequence[float | None] = ()
    error_at_most: Sequence[float | None] = ()
    target: Sequence[float | None] = ()
    open: Sequence[float | None] = ()


@dataclass(frozen=True)
class Words:
    """The same in sentences, for people who have never seen Winnow."""

    headline: str
    tone: Tone
    bound: str
    estimate: str
    sum: str
    review_sum: str
    queue: str
    delay: str
    recalls: str
    alarms: Sequence[str] = ()
    notices: Sequence[str] = ()


@dataclass(frozen=True)
class Reported:
    """All numbers, without the sentences about them."""

    flow: Flow
    gate: Gate
    queue: Queue
    scorers: Sequence[Scorer]
    records_per_second: float | None
    learner: Learner
    delay: Delay
    alarms: Sequence[Alarm]
    recalls: Recalls
    history: History


@dataclass(frozen=True)
class Reading:
    """How the dashboard itself fares: `complete` when it has read the topic to its end."""

    now: float
    news_at: float | None
    complete: bool
    unreadable: int


@dataclass(frozen=True)
class Page:
    """Everything on the page."""

    reading: Reading
    figures: Reported
    words: Words
