"""`records.v1`: what producers write: one thing to label.

A record is a plain dict and not an object: it is read by the million and travels whole through
requests and verdicts.
"""

import math
from typing import Annotated, Any, NotRequired

from pydantic import AfterValidator, ConfigDict, Field, StrictBool, StrictStr, with_config
from typing_extensions import TypedDict

from winnow_schemas.base import Moment

MAX_TEXT_BYTES = 64 * 1024
MAX_ID_CHARS = 200
MAX_UNKNOWN_DEPTH = 64


def _fits(text: str) -> str:
    if len(text) * 4 > MAX_TEXT_BYTES and len(text.encode()) > MAX_TEXT_BYTES:
        raise ValueError(f"text is longer than {MAX_TEXT_BYTES} bytes")
    return text


Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
FeatureValue = Annotated[Number | StrictStr | StrictBool, Field(union_mode="left_to_right")]
"""Number, category or flag; whole numbers become floats."""

RecordId = Annotated[str, Field(min_length=1, max_length=MAX_ID_CHARS)]
Text = Annotated[str, AfterValidator(_fits)]


def with_something_to_score(record: "Record") -> "Record":
    """The same record; raises `ValueError` when nothing in it can be scored, or an unknown field cannot travel on."""
    for field in record:
        if field not in KNOWN_FIELDS:
            _check_unknown(record[field], MAX_UNKNOWN_DEPTH)  # type: ignore[literal-required]
    if record.get("features") or record.get("text") is not None or record.get("embedding"):
        return record
    raise ValueError("a record needs at least one of features, text, embedding")


@with_config(ConfigDict(extra="allow", allow_inf_nan=False))
class Record(TypedDict):
    """One thing to label. Without an `id` its position `topic/partition/offset` is the id.

    `group` binds the records of one document; `show` is for reviewers' eyes and never scored.
    """

    id: NotRequired[RecordId]
    at: NotRequired[Moment]
    features: NotRequired[dict[str, FeatureValue]]
    text: NotRequired[Text]
    embedding: NotRequired[list[Number]]
    group: NotRequired[str]
    show: NotRequired[dict[str, str]]


class NumbersRecord(Record):
    """A record whose features are numbers only, as most are: it is read faster when nothing else is looked for."""

    features: NotRequired[dict[str, Number]]  # type: ignore[misc]  # one of the kinds that a feature may be


KNOWN_FIELDS = frozenset(Record.__annotations__)


def _check_unknown(value: Any, levels: int) -> None:
    """Unknown fields travel on inside other messages, which must be JSON and readable too."""
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("NaN and infinities are no JSON")
    if isinstance(value, dict | list):
        if levels == 0:
            raise ValueError(f"an unknown field is nested deeper than {MAX_UNKNOWN_DEPTH} levels")
        for inner in value.values() if isinstance(value, dict) else value:
            _check_unknown(inner, levels - 1)


ValidRecord = Annotated[Record, AfterValidator(with_something_to_score)]
"""A record that also has something to score: validate with this one."""
