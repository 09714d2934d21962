"""Reads the task file. Every error names the file, the line, the path in it and what is allowed there."""

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import UnionType
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from winnow.runtime.errors import UsageError
from winnow_schemas.task import Task

Where = tuple[str | int, ...]

_WANTED = {
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "tuple_type": "a list in brackets, [one, two],",
    "string_type": "a text",
    "string_pattern_mismatch": "a name of at most 63 lower-case letters, digits, - and _",
}


def load_task(path: Path) -> Task:
    """The validated task; raises `UsageError` with one line for each thing that is wrong."""
    return parse_task(_read(path), str(path))


def parse_task(text: str, name: str = "task file") -> Task:
    """The same from text; `name` is what the errors call it."""
    document = _Document(text, name)
    try:
        return Task.model_validate(document.values)
    except ValidationError as error:
        raise UsageError("\n".join(document.explain(error.errors(include_url=False)))) from None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UsageError(f"{path}: there is no such task file; name yours with WINNOW_TASK_FILE or --task") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot read the task file: {error}") from None


class _Document:
    """A YAML mapping that remembers the line and the spelling of everything in it."""

    def __init__(self, text: str, name: str) -> None:
        self._name = name
        self._lines: dict[Where, int] = {}
        self._spelled: dict[Where, str] = {}
        try:
            root = yaml.compose(text, Loader=yaml.SafeLoader)
            self._remember((), root)
            self.values: Any = yaml.safe_load(text)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise UsageError(f"{name}:{line}: this is no YAML: {error.problem or error.context}") from None
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            raise UsageError(f"{name}: this is no YAML: {' '.join(str(error).split())}") from None
        if not isinstance(self.values, dict):
            raise UsageError(f"{name}:1: a task file says 'task:', 'labels:' and 'input:', each on a line of its own")

    def explain(self, details: list[ErrorDetails]) -> list[str]:
        """One line for each thing that pydantic found wrong, in the order of the file."""
        inner = {detail["loc"][:depth] for detail in details for depth in range(1, len(detail["loc"]))}
        told = [self._explain_one(detail) for detail in details if detail["loc"] not in inner]
        return [text for _, text in sorted(dict.fromkeys(told))]

    def _explain_one(self, detail: ErrorDetails) -> tuple[int, str]:
        where, message = _narrowed(tuple(detail["loc"]), detail["msg"].removeprefix("Value error, "))
        while where not in self._spelled and where not in self._lines and isinstance(where[-1], int):
            where = where[:-1]
        path = ".".join(map(str, where))
        line = self._line(where)
        return line, f"{self._name}:{line}: {path + ': ' if path else ''}{self._advice(where, detail, message)}"

    def _advice(self, where: Where, detail: ErrorDetails, message: str) -> str:
        found = f" (found: {self._spelled[where]})" if where in self._spelled else ""
        kind = detail["type"]
        if kind == "extra_forbidden":
            return _unknown_key(where)
        if kind == "missing":
            return f"this is missing; {_example(where)}"
        if kind == "string_type" and found:
            return f'a text is wanted; put it in quotes: "{self._spelled[where]}"'
        if kind in {"model_type", "dict_type"}:
            message = f"a section is wanted, allowed in it: {', '.join(_keys(where)) or 'name: kind'}"
        elif kind in _WANTED:
            message = f"{_WANTED[kind]} is wanted"
        return f"{message[0].lower()}{message[1:]}{found}"

    def _line(self, where: Where) -> int:
        while where and where not in self._lines:
            where = where[:-1]
        return self._lines.get(where, 1)

    def _remember(self, where: Where, node: yaml.Node | None) -> None:
        if node is None:
            return
        self._lines.setdefault(where, node.start_mark.line + 1)
        if isinstance(node, yaml.ScalarNode):
            self._spelled[where] = node.value
        elif isinstance(node, yaml.SequenceNode):
            for index, child in enumerate(node.value):
                self._remember((*where, index), child)
        elif isinstance(node, yaml.MappingNode):
            for key, child, line in self._members(where, node):
                self._lines[*where, key] = line
                self._remember((*where, key), child)

    def _members(self, where: Where, node: yaml.MappingNode) -> Iterator[tuple[str, yaml.Node, int]]:
        seen: dict[str, int] = {}
        for key_node, child in node.value:
            key, line = str(key_node.value), key_node.start_mark.line + 1
            if key in seen:
                path = ".".join(map(str, (*where, key)))
                raise UsageError(f"{self._name}:{line}: {path}: stands twice (first in line {seen[key]}); keep one")
            seen[key] = line
            yield key, child, line


def _narrowed(where: Where, message: str) -> tuple[Where, str]:
    """A section's own check says `key: what is wrong`: then the key belongs to the path."""
    key, colon, rest = message.partition(": ")
    return ((*where, key), rest) if colon and key in _keys(where) else (where, message)


def _keys(where: Where) -> Mapping[str, Any]:
    """What may stand in the section at this path; nothing when it is no section."""
    section: Any = Task
    for step in where:
        field = section.model_fields.get(step)
        section = _without_none(field.annotation) if field else None
        if not (isinstance(section, type) and issubclass(section, BaseModel)):
            return {}
    fields: Mapping[str, Any] = section.model_fields
    return fields


def _without_none(annotation: Any) -> Any:
    """The one thing that an optional field may be."""
    some = [each for each in get_args(annotation) if each is not type(None)]
    return some[0] if isinstance(annotation, UnionType) and len(some) == 1 else annotation


def _unknown_key(where: Where) -> str:
    allowed = list(_keys(where[:-1]))
    close = difflib.get_close_matches(str(where[-1]), allowed, n=1)
    meant = f"did you mean {close[0]}? " if close else ""
    return f"there is no such setting; {meant}allowed here: {', '.join(allowed)}"


def _example(where: Where) -> str:
    examples = {"task": "task: spam", "labels": "labels: [ham, spam]", "input": "input: {text: true}"}
    return f"for example {examples.get(str(where[-1]), f'{where[-1]}: ...')}"
