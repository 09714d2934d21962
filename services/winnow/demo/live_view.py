"""The demo's progress: a table that stays in place on a terminal, a line every few seconds elsewhere."""

import sys
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.table import Table

from winnow.demo.tally import Figures

LINE_EVERY_S = 5.0
REDRAW_EVERY_S = 0.25


@dataclass(frozen=True)
class Moment:
    """The demo at one moment; what the services have not told yet is None."""

    seconds: float
    records: int
    sent: int
    figures: Figures
    alarms: int = 0
    state: str | None = None
    model_version: int | None = None
    queue: int | None = None

    @property
    def open(self) -> int:
        """Records sent and not yet labelled."""
        return self.sent - self.figures.ended


def percent(share: float | None) -> str:
    """For people; a dash for what cannot be said yet."""
    return "-" if share is None else f"{100 * share:.2f} %"


def as_line(moment: Moment) -> str:
    """One line for logs and pipes."""
    figures = moment.figures
    return (
        f"{moment.seconds:4.0f} s: {figures.ended} of {moment.records} records done, "
        f"{figures.auto.labels} auto-labelled (true error {percent(figures.auto.error)}), {figures.reviewed} reviewed, "
        f"{moment.open} open, {_or_dash(moment.queue)} in the queue, "
        f"{moment.alarms} alarms, {figures.recalled.labels + figures.withdrawn} taken back, "
        f"gate {_or_dash(moment.state)}, model {_or_dash(moment.model_version)}"
    )


def as_table(moment: Moment) -> Table:
    """For a terminal."""
    figures = moment.figures
    table = Table(title="Winnow sorts mail", title_justify="left", show_header=False, min_width=44)
    rows = {
        "seconds": f"{moment.seconds:.0f}",
        "records done": f"{figures.ended} of {moment.records}",
        "auto-labelled": str(figures.auto.labels),
        "  their true error": percent(figures.auto.error),
        "  of them released": str(figures.released.labels),
        "alarms": str(moment.alarms),
        "labels taken back": str(figures.recalled.labels + figures.withdrawn),
        "reviewed by people": str(figures.reviewed),
        "open": str(moment.open),
        "in the queue": _or_dash(moment.queue),
        "gate": _or_dash(moment.state),
        "model version": _or_dash(moment.model_version),
    }
    table.add_column()
    table.add_column(justify="right")
    for name, value in rows.items():
        table.add_row(name, value)
    return table


def _or_dash(value: object) -> str:
    return "-" if value is None else str(value)


class LiveView:
    """Shows moments on stderr, so that stdout stays for the result."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        self._live = Live(console=console, auto_refresh=False) if sys.stderr.isatty() else None
        self._shown_at = float("-inf")

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.stop()

    def show(self, moment: Moment) -> None:
        """Show it if it is time to."""
        now = time.monotonic()
        if now - self._shown_at < (REDRAW_EVERY_S if self._live else LINE_EVERY_S):
            return
        self._shown_at = now
        if self._live:
            self._live.update(as_table(moment), refresh=True)
        else:
            print(as_line(moment), file=sys.stderr, flush=True)  # noqa: T201
