"""Writes what `make bench` found: table, plot and raw runs, and the README's table after a full run."""

import json
from pathlib import Path

from benchmarks.marked_page import replaced
from benchmarks.run_cache import REPOSITORY
from benchmarks.speed.page import page, readme_part
from benchmarks.speed.plot import plot
from benchmarks.speed.results import SpeedResults

README = REPOSITORY / "README.md"
BEGIN, END = "<!-- speed: written by make bench -->", "<!-- end of speed -->"


def write(results: SpeedResults, folder: Path) -> None:
    """Table, plot and raw runs, into that folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "speed.md").write_text(page(results), encoding="utf-8")
    (folder / "speed.svg").write_text(plot(results), encoding="utf-8")
    (folder / "latest.json").write_text(json.dumps(results.as_values(), indent=1) + "\n", encoding="utf-8")
    print(f"written: {folder / 'speed.md'}")


def write_readme(results: SpeedResults) -> None:
    """The README's table."""
    text = README.read_text(encoding="utf-8")
    README.write_text(replaced(text, BEGIN, END, readme_part(results)), encoding="utf-8")
