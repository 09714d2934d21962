"""Writes the contracts as JSON Schema, one file for each topic and one for the task file.

`python -m winnow_schemas.generate [FOLDER]`; without a folder, into `schemas/generated` of the
source tree. A test shows that the files there are current.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from winnow_schemas.codec import adapter
from winnow_schemas.task import Task
from winnow_schemas.topics import CATALOGUE, Topic

FOLDER = Path(__file__).resolve().parents[1] / "generated"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def generated() -> dict[str, str]:
    """File name to text, for every contract."""
    schemas = {f"{contract_name(topic)}.json": _of_topic(topic) for topic in CATALOGUE}
    schemas["task.json"] = _with_dialect("task", adapter(Task).json_schema())
    return {name: json.dumps(schema, indent=2, ensure_ascii=False) + "\n" for name, schema in schemas.items()}


def contract_name(topic: Topic) -> str:
    """Name of a contract with its major version, e.g. `records.v1`."""
    return f"{topic.name}.v{topic.version}"


def main(arguments: Sequence[str]) -> int:
    """Write all files, and take away those of contracts that are gone."""
    folder = Path(arguments[0]) if arguments else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    current = generated()
    for stale in {path.name for path in folder.glob("*.json")} - current.keys():
        (folder / stale).unlink()
    for name, text in current.items():
        (folder / name).write_text(text, encoding="utf-8")
    return 0


def _of_topic(topic: Topic) -> dict[str, Any]:
    catalogue = {
        "key": topic.key,
        "partitions": "N" if topic.partitioned else 1,
        "written_by": list(topic.written_by),
        "read_by": list(topic.read_by),
        "cleanup": topic.cleanup,
    }
    return {**_with_dialect(contract_name(topic), adapter(topic.contract).json_schema()), "x-topic": catalogue}


def _with_dialect(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"$schema": _DIALECT, "$id": name, **schema}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
