"""`labels.v1`: the finished product: a record's label with its provenance."""

from typing import Literal

from winnow_schemas.base import Contract, FunctionVotes, Moment, Probability, Scores

LabelSource = Literal["auto", "human", "recall"]


class Label(Contract):
    """A record's label. For one record the newest decision wins, within it the highest revision.

    `source: recall` withdraws the label: then `label` is absent. `threshold` is on the top
    probability. `function_votes` tells of an auto label what the task's labelling functions said, where it has some.
    Only labels whose `policy_version` is released and not withdrawn (see
    `certificates`) are covered by the certificate.
    """

    record_id: str
    label: str | None = None
    source: LabelSource
    revision: int
    confidence: Probability | None = None
    scores: Scores | None = None
    function_votes: FunctionVotes | None = None
    propensity: Probability | None = None
    threshold: Probability | None = None
    decision_id: str
    model_version: int | None = None
    policy_version: int | None = None
    epoch: int | None = None
    decided_at: Moment
    at: Moment
    group: str | None = None
