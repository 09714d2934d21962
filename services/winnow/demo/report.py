"""What the demo ends with: the same figures as a table for people and as JSON."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from winnow.demo.report_words import count, of_certificate, percent_at_most, share_of
from winnow.demo.tally import Counted, Figures
from winnow_schemas.certificates import Certificate


@dataclass(frozen=True, slots=True)
class AlarmStory:
    """An alarm `seconds` after the first record, the labels it took back, and when the machine labelled again."""

    seconds: float
    kind: str
    message: str
    recalled: Counted
    labelled_again_s: float | None

    def as_values(self) -> dict[str, Any]:
        """For programs."""
        return {
            "seconds": round(self.seconds, 1),
            "kind": self.kind,
            "message": self.message,
            "recalled": self.recalled.labels,
            "recalled_errors": self.recalled.errors,
            "labelled_again_s": None if self.labelled_again_s is None else round(self.labelled_again_s, 1),
        }

    def rows(self) -> tuple[tuple[str, str], ...]:
        """For people."""
        if self.kind in {"incomplete", "model"}:  # these only hold something back
            return ((f"  at {self.seconds:.0f} s", self.message),)
        again = "it has not labelled again"
        if self.labelled_again_s is not None:
            again = f"it labelled again {max(0.0, self.labelled_again_s - self.seconds):.0f} s later"
        taken = f"{count(self.recalled.labels, 'label')} recalled, {self.recalled.errors} of them wrong"
        return (f"  at {self.seconds:.0f} s", self.message), ("", f"{taken}; {again}")


@dataclass(frozen=True)
class ModelStory:
    """Who decided in the end, since which version and why where another model did before, and who was tried beside."""

    champion: str | None = None
    since: int | None = None
    why: str | None = None
    challengers: Sequence[str] = ()

    def as_values(self) -> dict[str, Any]:
        """For programs."""
        return {
            "champion": self.champion,
            "challengers": list(self.challengers),
            "promoted_at": self.since,
            "why": self.why,
        }

    def rows(self) -> list[tuple[str, str]]:
        """For people."""
        beside = ", ".join(self.challengers) or "none"
        promotion = "none" if self.why is None else f"with version {self.since:,}: {self.why}"
        return [
            ("the model that decides", self.champion or "none"),
            ("  tried beside it", beside),
            ("  promotion", promotion),
        ]


@dataclass(frozen=True)
class DemoReport:
    """One run. `seeded` records taught the models before it; `reviews_before_auto` are labels of people before the
    machine's first. `left` are records still in review (with `--keep`), `seconds` from first record to last outcome.
    """

    records: int
    seeded: int
    figures: Figures
    reviews_before_auto: int | None
    left: int
    seconds: float
    answer_to_model_p50_s: float | None
    answer_to_model_p95_s: float | None
    target: float
    confidence: float
    state: str | None
    certificate: Certificate | None
    audits: int
    alarms: Sequence[AlarmStory]
    models: ModelStory
    verified: bool

    @property
    def records_per_second(self) -> float:
        """Records that got their outcome, a second."""
        return self.figures.ended / self.seconds if self.seconds > 0 else 0.0

    def as_values(self) -> dict[str, Any]:
        """For programs."""
        figures, certificate = self.figures, self.certificate
        return {
            "records": self.records,
            "seeded": self.seeded,
            "reviews_before_auto": self.reviews_before_auto,
            "auto": figures.auto.labels,
            "auto_errors": figures.auto.errors,
            "auto_error": figures.auto.error,
            "released": figures.released.labels,
            "released_errors": figures.released.errors,
            "recallable": figures.recallable.labels,
            "recallable_errors": figures.recallable.errors,
            "reviewed": figures.reviewed,
            "unlabelled": figures.unlabelled,
            "dead_letters": figures.dead_letters,
            "in_review": self.left,
            "sum": figures.ended + self.left,
            "reviews_saved": figures.auto.labels,
            "audits": self.audits,
            "recalled": figures.recalled.labels,
            "recalled_errors": figures.recalled.errors,
            "alarms": [alarm.as_values() for alarm in self.alarms],
            "models": self.models.as_values(),
            "target": self.target,
            "confidence": self.confidence,
            "wrong_at_most": certificate.wrong_at_most if certificate else None,
            "error_at_most": certificate.error_at_most if certificate else None,
            "met": certificate is not None and certificate.met,
            "state": self.state,
            "certificate": certificate.model_dump(mode="json", exclude_none=True) if certificate else None,
            "answer_to_model_p50_s": self.answer_to_model_p50_s,
            "answer_to_model_p95_s": self.answer_to_model_p95_s,
            "records_per_second": round(self.records_per_second, 2),
            "seconds": round(self.seconds, 1),
            "verified": self.verified,
        }

    def rows(self) -> list[tuple[str, str]]:
        """For people."""
        return [*self._sum(), *self._error(), *self._alarms(), *self.models.rows(), *self._cost()]

    def _sum(self) -> list[tuple[str, str]]:
        figures = self.figures
        still = [("  still in review", f"{self.left:,}")] if self.left else []
        return [
            *([("seeded: labelled beforehand", f"{self.seeded:,}")] if self.seeded else []),
            ("records", f"{self.records:,}"),
            ("  labelled by the machine", f"{figures.auto.labels:,} ({share_of(figures.auto.labels, self.records)})"),
            ("  labelled by people", f"{figures.reviewed:,}"),
            ("  unlabelled, unreadable", f"{figures.unlabelled:,}, {figures.dead_letters:,}"),
            *still,
            ("  sum", f"{figures.ended + self.left:,} of {self.records:,}"),
            ("every record has one outcome", "yes, verified" if self.verified else "NO"),
        ]

    def _error(self) -> list[tuple[str, str]]:
        figures = self.figures
        return [
            ("the target you asked for", f"at most {percent_at_most(self.target)} of the machine's labels wrong"),
            ("  true error", _wrong(figures.auto)),
            ("  of those released", _wrong(figures.released)),
            ("  of those still recallable", _wrong(figures.recallable)),
            ("what Winnow can prove", of_certificate(self.certificate)),
        ]

    def _alarms(self) -> list[tuple[str, str]]:
        rows = [row for alarm in self.alarms for row in alarm.rows()]
        recalled = self.figures.recalled
        return [
            ("alarms (the stream changed)", f"{len(self.alarms)}"),
            *rows,
            ("labels recalled in all", f"{recalled.labels:,}, of them {recalled.errors:,} wrong"),
        ]

    def _cost(self) -> list[tuple[str, str]]:
        delays = f"{_seconds(self.answer_to_model_p50_s)}, 95 of 100 within {_seconds(self.answer_to_model_p95_s)}"
        return [
            ("reviews before the machine's first label", _first(self.reviews_before_auto)),
            ("reviews saved", f"{self.figures.auto.labels:,}"),
            ("audits: blind reviews for the proof", f"{self.audits:,}"),
            ("from an answer to the model", delays),
            ("records per second", f"{self.records_per_second:.1f}"),
        ]


def _wrong(counted: Counted) -> str:
    if not counted.labels:
        return "no labels"
    return f"{counted.errors:,} of {counted.labels:,} wrong ({share_of(counted.errors, counted.labels)})"


def _first(reviews: int | None) -> str:
    return "it labelled nothing" if reviews is None else f"{reviews:,}"


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f} s"
