"""`drift-alarms.v1`: the moments at which something stopped, and why: labelling, releases, new models."""

from typing import Literal

from winnow_schemas.base import Contract, Moment

AlarmKind = Literal["errors", "ledger", "gap", "incomplete", "operator", "model"]


class DriftAlarm(Contract):
    """`version` is the offset in `evidence` that raised it, `epoch` the one that it ended.

    `incomplete` and `model` end no epoch: no label is released for want of evidence, and no newer model is
    given out because it became worse.
    """

    kind: AlarmKind
    version: int
    epoch: int
    message: str
    values: dict[str, float] = {}
    at: Moment
