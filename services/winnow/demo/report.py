"""What the demo ends with: the same figures as a table for people and as JSON."""

from dataclasses import dataclass
from typing import Any

from winnow.demo.live_view import percent
from winnow.demo.tally import Figures
from winnow_schemas.certificates import Certificate


@dataclass(frozen=True)
class DemoReport:
    """One run. `left` are records still in review (with `--keep`), `seconds` from first record to last outcome."""

    records: int
    figures: Figures
    left: int
    seconds: float
    answer_to_model_p50_s: float | None
    answer_to_model_p95_s: float | None
    target: float
    state: str | None
    certificate: Certificate | None
    verified: bool

    @property
    def records_per_second(self) -> float:
        """Records that got their outcome, a second."""
        return self.figures.ended / self.seconds if self.seconds > 0 else 0.0

    def as_values(self) -> dict[str, Any]:
        """For programs."""
        figures = self.figures
        return {
            "records": self.records,
            "auto": figures.auto,
            "auto_errors": figures.auto_errors,
            "auto_error": figures.auto_error,
            "reviewed": figures.reviewed,
            "unlabelled": figures.unlabelled,
            "dead_letters": figures.dead_letters,
            "in_review": self.left,
            "sum": figures.ended + self.left,
            "recalled": figures.recalled,
            "reviews_saved": figures.auto,
            "answer_to_model_p50_s": self.answer_to_model_p50_s,
            "answer_to_model_p95_s": self.answer_to_model_p95_s,
            "records_per_second": round(self.records_per_second, 2),
            "seconds": round(self.seconds, 1),
            "target": self.target,
            "state": self.state,
            "certificate": self.certificate.model_dump(mode="json", exclude_none=True) if self.certificate else None,
            "verified": self.verified,
        }

    def rows(self) -> dict[str, str]:
        """For people."""
        figures = self.figures
        return {
            "records": str(self.records),
            "auto-labelled": f"{figures.auto} ({percent(_share(figures.auto, self.records))})",
            "  of them wrong": f"{figures.auto_errors} (true error {percent(figures.auto_error)})",
            "  target": percent(self.target),
            "reviewed": str(figures.reviewed),
            "unlabelled": str(figures.unlabelled),
            "dead letters": str(figures.dead_letters),
            "still in review": str(self.left),
            "sum": f"{figures.ended + self.left} of {self.records}",
            "recalled on the way": str(figures.recalled),
            "reviews saved": str(figures.auto),
            "answer to model, median": _seconds(self.answer_to_model_p50_s),
            "answer to model, p95": _seconds(self.answer_to_model_p95_s),
            "records per second": f"{self.records_per_second:.1f}",
            "gate": self.state or "-",
            "certificate": _statement(self.certificate),
            "every decision has one outcome": "yes, verified" if self.verified else "NO",
        }


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f} s"


def _statement(certificate: Certificate | None) -> str:
    if certificate is None or certificate.error_at_most is None:
        return "nothing released yet"
    return (
        f"error of {certificate.labels} released labels at most {percent(certificate.error_at_most)} "
        f"(confidence {percent(certificate.confidence)})"
    )
