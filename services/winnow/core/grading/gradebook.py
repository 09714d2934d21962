"""Notes down how a model did on verdicts that it had not learned, and grades it by them.

A verdict counts for as many records as it stands for (1/propensity; Horvitz & Thompson 1952), so that
the grades are those of the stream and not of what people were asked. Memory does not grow with the verdicts.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from winnow.core.grading.learning_curve import LearningCurve
from winnow.core.grading.score_bins import ScoreBins
from winnow_schemas.base import Scores
from winnow_schemas.model_reports import CalibrationBin, CurvePoint, Grades, LabelGrade

NO_SCORE = "(no score)"
"""What stands for the model's label when it had none."""

_LEAST_PROBABILITY = 1e-6


class Gradebook:
    """`verdicts` counts those noted down."""

    def __init__(self) -> None:
        self.verdicts = 0
        self._weight = 0.0
        self._loss = 0.0
        self._confusion: dict[str, dict[str, float]] = {}
        self._bins = ScoreBins()
        self._curve = LearningCurve()

    def note(self, scores: Scores | None, label: str, weight: float = 1.0) -> None:
        """One verdict; no scores are as wrong as can be."""
        said = max(scores, key=scores.__getitem__) if scores else NO_SCORE
        loss = -math.log(max((scores or {}).get(label, 0.0), _LEAST_PROBABILITY))
        self.verdicts += 1
        self._weight += weight
        self._loss += weight * loss
        row = self._confusion.setdefault(label, {})
        row[said] = row.get(said, 0.0) + weight
        self._bins.add((scores or {}).get(said, 0.0), weight, right=said == label)
        self._curve.add(weight, loss, right=said == label)

    def grades(self, labels: Sequence[str], target: float) -> Grades:
        """The grades by now; `labels` are those of the task, also if no verdict was about them."""
        named = list(dict.fromkeys((*labels, *self._confusion)))
        by_label = {label: self._grade(label) for label in named}
        judged = [grade for label, grade in by_label.items() if label in self._confusion]
        return Grades(
            verdicts=self.verdicts,
            accuracy=_share(sum(row.get(label, 0.0) for label, row in self._confusion.items()), self._weight),
            macro_f1=_share(sum(grade.f1 for grade in judged), len(judged)),
            log_loss=self._loss / self._weight if self._weight else 0.0,
            calibration_error=self._bins.calibration_error,
            target=target,
            coverage=self._bins.coverage(target),
            labels=by_label,
            confusion={true: self._shares(row) for true, row in self._confusion.items()},
            calibration=[CalibrationBin(**tenth._asdict()) for tenth in self._bins.tenths],
            curve=[
                CurvePoint(
                    verdicts=run.verdicts, accuracy=_share(run.right, run.weight), log_loss=run.loss / run.weight
                )
                for run in self._curve.runs
            ],
        )

    def _grade(self, label: str) -> LabelGrade:
        row = self._confusion.get(label, {})
        hits, of_label = row.get(label, 0.0), sum(row.values())
        said = sum(other.get(label, 0.0) for other in self._confusion.values())
        return LabelGrade(
            share=_share(of_label, self._weight),
            precision=_share(hits, said),
            recall=_share(hits, of_label),
            f1=_share(2.0 * hits, said + of_label),
        )

    def _shares(self, row: Mapping[str, float]) -> dict[str, float]:
        return {said: _share(weight, self._weight) for said, weight in row.items()}

    def snapshot(self) -> dict[str, Any]:
        """All there is to know, as plain JSON."""
        return {
            "verdicts": self.verdicts,
            "weight": self._weight,
            "loss": self._loss,
            "confusion": {label: dict(row) for label, row in self._confusion.items()},
            "bins": self._bins.snapshot(),
            "curve": self._curve.snapshot(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Back to a snapshot."""
        self.verdicts, self._weight, self._loss = state["verdicts"], state["weight"], state["loss"]
        self._confusion = {label: dict(row) for label, row in state["confusion"].items()}
        self._bins.restore(state["bins"])
        self._curve.restore(state["curve"])


def _share(part: float, whole: float) -> float:
    return min(1.0, part / whole) if whole else 0.0
