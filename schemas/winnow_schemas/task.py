"""The task file: one labelling problem: its labels, inputs, models, target error and review rules."""

import math
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema, model_validator

from winnow_schemas.model_names import TABLE_MODELS, TEXT_MODELS, kind_of
from winnow_schemas.task_models import ModelSpec
from winnow_schemas.task_section import Section

MAX_TARGET = 0.3

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def _duration(value: Any) -> Any:
    if isinstance(value, str) and (match := re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhd])", value.strip())):
        return timedelta(seconds=float(match[1]) * _UNITS[match[2]])
    if isinstance(value, int | float) and not isinstance(value, bool):
        return timedelta(seconds=value)
    if isinstance(value, timedelta):
        return value
    raise ValueError("a duration is a number and a unit: 30s, 5m, 24h or 14d")


Duration = Annotated[
    timedelta,
    BeforeValidator(_duration),
    PlainSerializer(lambda d: d.total_seconds()),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": r"^\d+(\.\d+)?\s*[smhd]$"}, {"type": "number"}]}),
]
LabelName = Annotated[str, Field(min_length=1, max_length=100)]
FeatureKind = Literal["number", "category", "flag"]


class InputSpec(Section):
    """What a record brings: text, features by kind, an embedding of so many numbers."""

    text: bool = False
    features: dict[str, FeatureKind] = {}
    embedding: Annotated[int, Field(ge=1, le=65536)] | None = None

    @model_validator(mode="after")
    def _brings_something(self) -> Self:
        if self.text or self.features or self.embedding:
            return self
        raise ValueError("say at least one of text: true, features: {name: number|category|flag}, embedding: SIZE")


class TargetSpec(Section):
    """The error asked for (α), the confidence of the promise (1 - δ), and whether it holds per label."""

    error: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.05
    confidence: Annotated[float, Field(gt=0, lt=1)] = 0.95
    per_label: bool = False

    @model_validator(mode="after")
    def _was_measured(self) -> Self:
        if self.error > MAX_TARGET:
            raise ValueError(f"error: at most {MAX_TARGET}; above it the drift alarm was never measured")
        return self


Consensus = Literal["majority", "dawid_skene"]


class ReviewSpec(Section):
    """How people review: answers wanted and how they become one label, lease, expiries, share of gold requests.

    Whose answers are right less often than `least_accuracy` needs another one beside them. Of verdicts that look wrong
    to the learner, at most a share `second_look` of all is asked about again.
    """

    answers: Annotated[int, Field(ge=1, le=9)] = 1
    consensus: Consensus = "majority"
    least_accuracy: Annotated[float, Field(ge=0, le=1)] = 0.7
    lease: Duration = timedelta(minutes=5)
    expires: Duration = timedelta(days=14)
    audit_expires: Duration = timedelta(hours=24)
    gold_share: Annotated[float, Field(ge=0, le=0.5)] = 0.02
    second_look: Annotated[float, Field(ge=0, le=0.5)] = 0.0
    max_skips: Annotated[int, Field(ge=1, le=100)] = 3
    recall_max_open: Annotated[int, Field(ge=0)] = 10_000
    max_open: Annotated[int, Field(ge=1)] = 1_000_000


class RiskSpec(Section):
    """How the error is held; the defaults are the measured ones."""

    audit_rate: Annotated[float, Field(gt=0, lt=1)] = 0.08
    probation_rate: Annotated[float, Field(gt=0, lt=1)] = 0.16
    audits_per_hour: Annotated[float, Field(ge=0)] = 60.0
    audits_per_hour_max: Annotated[float, Field(gt=0)] | None = None
    hold_min: Duration = timedelta(minutes=1)
    hold_max: Duration = timedelta(hours=24)
    max_epochs: Annotated[int, Field(ge=1)] = 20

    @model_validator(mode="after")
    def _probation_looks_more(self) -> Self:
        if self.probation_rate < self.audit_rate:
            raise ValueError("probation_rate must be at least audit_rate")
        return self


class LearnSpec(Section):
    """When the learner publishes: after every N verdicts, and at most each half second; or by hand."""

    every: Annotated[int, Field(ge=1)] | Literal["by_hand"] = 1


Sampling = Literal[
    "uncertainty", "entropy", "margin", "least_confident", "disagreement", "novelty", "density", "random"
]
"""What makes an answer teach; `uncertainty` is measured as the task's confidence is."""

STRATEGIES: tuple[Sampling, ...] = get_args(Sampling)


class FunctionsSpec(Section):
    """Labelling functions: a Python file beside the task file, and what they may take.

    `seconds` are for one call, `batch_seconds` for all calls of one function about the records of one batch,
    `megabytes` for all functions together. `names` are those that vote; none means every public one of the file.
    """

    file: Annotated[str, Field(min_length=1)]
    seconds: Annotated[float, Field(gt=0, le=10)] = 0.1
    batch_seconds: Annotated[float, Field(gt=0, le=10)] = 1.0
    megabytes: Annotated[int, Field(ge=64)] = 1024
    names: tuple[str, ...] = ()


def _functions(value: Any) -> Any:
    """A name of a file alone will do."""
    return {"file": value} if isinstance(value, str) else value


ConfidenceKind = Literal["entropy", "margin", "top"]


def _weighted(value: Any) -> Any:
    """A list of strategies counts each once; else each has a weight."""
    if isinstance(value, str):
        value = [value]
    if isinstance(value, list | tuple):
        if len(set(map(str, value))) != len(value):
            raise ValueError("each strategy may stand once only; say how much each counts: {uncertainty: 2, random: 1}")
        value = dict.fromkeys(map(str, value), 1.0)
    if not isinstance(value, dict) or not value:
        raise ValueError(f"a list of strategies, or each with a weight, of {', '.join(STRATEGIES)}")
    for name, weight in value.items():
        if name not in STRATEGIES:
            raise ValueError(f"{name} is no strategy; there are {', '.join(STRATEGIES)}")
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 < weight < math.inf:
            raise ValueError(f"the weight of {name} must be a number above 0")
    return {name: float(weight) for name, weight in value.items()}


SamplingWeights = Annotated[
    dict[Sampling, float],
    BeforeValidator(_weighted),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "array", "items": {"enum": list(STRATEGIES)}, "minItems": 1, "uniqueItems": True},
                {
                    "type": "object",
                    "propertyNames": {"enum": list(STRATEGIES)},
                    "additionalProperties": {"type": "number", "exclusiveMinimum": 0},
                    "minProperties": 1,
                },
            ]
        }
    ),
]


class BudgetSpec(Section):
    """How many records people are asked about at most, audits included: a share of all records, or so many an hour."""

    share: Annotated[float, Field(ge=0.001, lt=1)] | None = None
    per_hour: Annotated[float, Field(ge=1, allow_inf_nan=False)] | None = None

    @model_validator(mode="after")
    def _says_one(self) -> Self:
        if (self.share is None) == (self.per_hour is None):
            raise ValueError("say one of share: 0.2 (of all records) and per_hour: 600 (requests)")
        return self


class Task(Section):
    """One labelling problem.

    Where some records are never asked about, the doubt between two labels decides by default; where the queue holds
    all of them, new ones come soon as well. `former_labels` says of labels that verdicts still bear what they count as
    now; null: such verdicts are left out.
    """

    task: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
    labels: Annotated[tuple[LabelName, ...], Field(min_length=2)]
    open_labels: bool = False
    former_labels: dict[LabelName, LabelName | None] = {}
    input: InputSpec
    target: TargetSpec = TargetSpec()
    review: ReviewSpec = ReviewSpec()
    risk: RiskSpec = RiskSpec()
    learn: LearnSpec = LearnSpec()
    sampling: SamplingWeights = {"uncertainty": 1.0, "novelty": 1.0}
    budget: BudgetSpec | None = None
    confidence: ConfidenceKind = "entropy"
    model: ModelSpec = ModelSpec()
    labelling_functions: Annotated[
        FunctionsSpec | None,
        BeforeValidator(_functions),
        WithJsonSchema({"anyOf": [{"type": "string"}, FunctionsSpec.model_json_schema(), {"type": "null"}]}),
    ] = None

    @model_validator(mode="before")
    @classmethod
    def _samples_by_margin_within_a_budget(cls, value: Any) -> Any:
        has_budget = isinstance(value, Mapping) and value.get("budget") is not None
        return {"sampling": {"margin": 1.0}, **value} if has_budget else value

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if len(set(self.labels)) != len(self.labels):
            raise ValueError("labels: each may stand once only")
        for name in (self.champion, *self.model.challengers, *self.model.candidates):
            if kind_of(name) in TEXT_MODELS and not self.input.text:
                raise ValueError(f"model: {name} reads text, but input says no text: true")
            if kind_of(name) in TABLE_MODELS and not (self.input.features or self.input.embedding):
                raise ValueError(f"model: {name} reads features or an embedding, but input has none")
        self._can_sample()
        self._knows_what_became_of_labels()
        return self

    def _knows_what_became_of_labels(self) -> None:
        for former, now in self.former_labels.items():
            if former in self.labels:
                raise ValueError(f"former_labels: {former} is one of the labels; take it out of one of the two")
            if now is not None and now not in self.labels:
                raise ValueError(f"former_labels: {former}: one of the labels is wanted, or null (found: {now})")

    def _can_sample(self) -> None:
        if "disagreement" in self.sampling and self.champion != "committee":
            raise ValueError(f"sampling: disagreement is that of a committee's members, but {self.champion} decides")
        if "density" in self.sampling and self.budget is None:
            raise ValueError("sampling: density is known where a budget is spent only; say budget: {share: 0.2}")

    @property
    def functions(self) -> tuple[str, ...]:
        """Names of the labelling functions that vote; found in their file by whoever starts them."""
        return self.labelling_functions.names if self.labelling_functions else ()

    @property
    def champion(self) -> str:
        """The model that decides; by default the committee of fast ones for what records bring."""
        return self.model.champion or "committee"
