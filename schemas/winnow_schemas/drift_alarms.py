"""`drift-alarms.v1`: the moments at which the machine stopped labelling, and why."""

from typing import Literal

from winnow_schemas.base import Contract, Moment

AlarmKind = Literal["errors", "ledger", "gap", "incomplete", "operator"]


class DriftAlarm(Contract):
    """`version` is the offset in `evidence` that raised it, `epoch` the one that it ended."""

    kind: AlarmKind
    version: int
    epoch: int
    message: str
    values: dict[str, float] = {}
    at: Moment
