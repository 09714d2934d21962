"""Example messages: append-only, one for each topic at least, and readable for ever."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from winnow_schemas.codec import adapter, decode, decode_record, encode, encode_record
from winnow_schemas.generate import FOLDER, contract_name, generated, main
from winnow_schemas.topics import CATALOGUE

EXAMPLES = Path(__file__).parents[2] / "schemas" / "examples"
CONTRACTS: dict[str, Any] = {contract_name(topic): topic.contract for topic in CATALOGUE}
FILES = sorted(EXAMPLES.glob("*/*.json"))


def read(name: str, message: bytes) -> Any:
    return decode_record(message) if name == "records.v1" else decode(CONTRACTS[name], message)


def write(message: Any) -> bytes:
    return encode(message) if isinstance(message, BaseModel) else encode_record(message)


def named(file: Path) -> str:
    return f"{file.parent.name}/{file.name}"


@pytest.mark.parametrize("file", FILES, ids=named)
def test_an_example_is_still_readable_and_says_the_same_after_a_round(file: Path):
    message = read(file.parent.name, file.read_bytes())
    encoded = write(message)
    assert read(file.parent.name, encoded) == message
    assert write(read(file.parent.name, encoded)) == encoded


@pytest.mark.parametrize("file", FILES, ids=named)
def test_nothing_that_an_example_says_is_lost(file: Path):
    said = json.loads(file.read_bytes())
    told = json.loads(write(read(file.parent.name, file.read_bytes())))
    assert {key: told[key] for key in said if not _holds_times(key)} == {
        key: value for key, value in said.items() if not _holds_times(key)
    }
    assert said.keys() <= told.keys()


@pytest.mark.parametrize("name", CONTRACTS)
def test_every_topic_has_an_example(name: str):
    assert any(file.parent.name == name for file in FILES), f"add one to schemas/examples/{name}/"


def test_every_example_belongs_to_a_contract_that_can_still_read_it():
    assert {file.parent.name for file in FILES} <= CONTRACTS.keys()


def test_examples_are_only_ever_added():
    """A changed or removed example hides that a contract broke its readers: write a new one instead."""
    lines = (EXAMPLES / "SHA256SUMS").read_text().splitlines()
    listed = {file: digest for digest, file in (line.split() for line in lines)}
    there = {named(file): hashlib.sha256(file.read_bytes()).hexdigest() for file in FILES}
    assert listed == there, "run `sha256sum NEW_FILE >> SHA256SUMS` in schemas/examples for a new one"


def test_the_optional_fields_of_every_contract_are_in_some_example():
    for name, contract in CONTRACTS.items():
        optional = _optional_fields(contract)
        shown = {key for file in FILES if file.parent.name == name for key in json.loads(file.read_bytes())}
        assert optional <= shown, name


def test_the_generated_json_schemas_are_current():
    there = {file.name: file.read_text(encoding="utf-8") for file in FOLDER.glob("*.json")}
    assert there == generated(), "run `make schemas`"


def test_generating_takes_away_what_is_no_contract_any_more(tmp_path: Path):
    (tmp_path / "gone.v1.json").write_text("{}")
    assert main([str(tmp_path)]) == 0
    assert {file.name for file in tmp_path.iterdir()} == generated().keys()


def test_every_generated_schema_says_which_topic_it_is_for():
    for topic in CATALOGUE:
        schema = json.loads(generated()[f"{contract_name(topic)}.json"])
        assert schema["$id"] == contract_name(topic)
        assert schema["x-topic"]["written_by"] == list(topic.written_by)


def _holds_times(key: str) -> bool:
    """A time may be written in another way and mean the same; the round trip compares those."""
    return key.endswith("at") or key in {"valid_until", "record", "decision", "window", "fresh"}


def _optional_fields(contract: Any) -> set[str]:
    """Of the contract, or of each of those that it is one of; not of what stands inside them."""
    schema = adapter(contract).json_schema()
    one_of = [each["$ref"].rpartition("/")[2] for each in schema.get("oneOf", [])]
    parts = [schema["$defs"][name] for name in one_of] or [schema]
    return {key for part in parts for key in part.get("properties", {}) if key not in part.get("required", [])}
