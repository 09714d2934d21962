"""`models.v1`, keys `report/NAME`: how good each model is, new against old, and on which verdicts that rests."""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Tag

from winnow_schemas.base import Contract, Moment, Probability
from winnow_schemas.models import ModelManifest


class LabelGrade(Contract):
    """One label. `share` is that of the stream whose verdict it is."""

    share: Probability
    precision: Probability
    recall: Probability
    f1: Probability


class CalibrationBin(Contract):
    """Scores whose top probability is in one tenth of 0..1: what they promised, and what came true."""

    share: Probability
    promised: Probability
    right: Probability


class CurvePoint(Contract):
    """How good the model was on a run of verdicts that ends with the one of this number."""

    verdicts: int
    accuracy: Probability
    log_loss: float


class Grades(Contract):
    """A model on verdicts that it had not learned; all figures but `verdicts` are weighted by 1/propensity.

    `log_loss` is the mean; `calibration_error` is the mean distance of promise and truth over the bins.
    `coverage` is the share of the stream that the model could label with an error of `target` at most,
    by a threshold chosen in hindsight. `confusion` maps the verdict's label to the model's to a share.
    """

    verdicts: int
    accuracy: Probability
    macro_f1: Probability
    log_loss: float
    calibration_error: Probability
    target: Probability
    coverage: Probability
    labels: dict[str, LabelGrade]
    confusion: dict[str, dict[str, Probability]]
    calibration: list[CalibrationBin]
    curve: list[CurvePoint]


class Against(Contract):
    """A challenger against the champion on the same verdicts, since the champion is one.

    `accuracy` and `log_loss` are differences, challenger minus champion (the log loss with every mistake
    cut off at ln 100). It is proven better when `evidence` reaches `needed`; `worse` lists what speaks
    against it all the same.
    """

    champion: str
    verdicts: int
    accuracy: float
    log_loss: float
    evidence: float
    needed: float
    worse: list[str]


class InSearch(Contract):
    """A candidate of a search over settings: the worse half leaves after each of its `rounds`, the next time after
    `verdicts_left` more verdicts. The last one becomes a challenger.
    """

    round: int
    rounds: int
    verdicts_left: int


class ModelReport(Contract):
    """`version` is that of the model, which has learned `learned` verdicts, the newest before `verdict_offset`.

    A champion before which another model decided says `since` which version it does, and `why`.
    `live` is on verdicts as they came, each judged before it was learned; `trial` on the records kept back
    from the seed, which no model ever learns; `against` is there for challengers, `in_search` for candidates, which
    are compared with each other only. A `full` model has reached the limit of its memory: what is new to it (words,
    categories, splits) is left out.
    """

    kind: Literal["report"] = "report"
    task: str
    name: str
    role: Literal["champion", "challenger"]
    version: int
    verdict_offset: int
    learned: int
    since: int | None = None
    why: str | None = None
    live: Grades
    trial: Grades | None = None
    against: Against | None = None
    in_search: InSearch | None = None
    full: bool | None = None
    at: Moment


def _kind(message: Any) -> str:
    kind = message.get("kind") if isinstance(message, dict) else getattr(message, "kind", None)
    return "report" if kind == "report" else "manifest"


ModelMessage = Annotated[
    Annotated[ModelManifest, Tag("manifest")] | Annotated[ModelReport, Tag("report")], Discriminator(_kind)
]
"""What stands on the topic beside the chunks: manifests, which have no `kind`, and reports."""
