"""Every `winnow ...` line of the documentation is one that the command line understands."""

import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from winnow.cli import app

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def documented() -> Iterator[tuple[str, str]]:
    """Page and command line, from fenced blocks without a language."""
    for page in PAGES:
        language: str | None = None
        for line in page.read_text().splitlines():
            if line.startswith("```"):
                language = line.removeprefix("```").strip() if language is None else None
            elif language == "" and line.startswith("winnow "):
                yield page.name, line


@pytest.mark.parametrize(("page", "line"), list(documented()))
def test_a_documented_command_is_understood(page: str, line: str) -> None:
    _, *arguments = shlex.split(line, comments=True)
    command = typer.main.get_command(app)
    while hasattr(command, "commands"):
        command = command.commands[arguments.pop(0)]

    command.make_context(command.name, arguments)


def test_there_are_documented_commands() -> None:
    lines = [line for _, line in documented()]

    assert len(lines) > 15
    for name in ("recall", "halt", "resume", "status", "verify", "send", "seed", "up"):
        assert any(line.startswith(f"winnow {name}") for line in lines), name
