"""`metrics.v1`: numbers for dashboards; from this topic alone a dashboard can be rebuilt."""

from typing import Annotated, Literal

from pydantic import Field

from winnow_schemas.base import Contract, Moment

Family = Literal["flow", "gate", "scorer", "queue", "learner"]
"""What is measured, by whom:

`flow` (monitor, exact, since the beginning): `records`, `auto`, `review`, `unlabelled`, `dead`,
`closed`, `labelled_by_people`, `expired`, `open`, `by_reason`, `by_label`, and the offset it holds for.
`gate` (monitor): `state`, `epoch`, `policy_version`, `target`, `confidence`, `error_estimate`, `error_at_most`,
`released` (labels), `met`, `audit_rate`, `ledger_rate`, `thresholds`, `audits`, `alarms`, `lag` (pieces of
evidence not folded yet), `notice` (a sentence for operators), `review_share` (of a task with a budget).
`scorer` (each scorer): `records`, `records_per_second`, `model_version`, `policy_version`,
`transaction_ms_p95`, `answer_to_model_s` (seconds from answer to adoption, the newest 500), `stale`.
`queue` (each review worker): `open`, `open_recalled` (of these), `leased`, `answered`, `oldest_s`, `ignored`, `dead`,
`reviewers`, `recalled` (labels taken back), `recalls_waiting` (withdrawn labels found that have no recall yet),
`answers_by` reviewer, `disputed` labels, `gold` requests mixed in; and since the beginning, from one worker for all:
`accuracy_of` each reviewer whose answers could be judged, `gold_answers` and how many of them were `gold_right`, how
many are `gold_left` to be asked, answers `compared` with others' and how many `agreed`, and how many reviewers need a
second answer beside theirs (`needs_second`).
`learner`: `version`, `learned`, `publish_ms`, `dead`, and `accuracy`, `log_loss` by model name.
"""

MetricValue = float | int | str | bool | dict[str, float] | list[float]


class Window(Contract):
    """A span of time from `start`, `seconds` long."""

    start: Moment
    seconds: Annotated[float, Field(gt=0)]


class Metric(Contract):
    """Values of one family from one source. Within a window the highest `sequence` wins."""

    family: Family
    source: str
    window: Window
    sequence: int
    values: dict[str, MetricValue]
