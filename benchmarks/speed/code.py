"""What the figures of a program rest on, as a hash: when it changes, they are measured anew."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.run_cache import REPOSITORY, code_hash
from benchmarks.speed.clients import PEERS, WINNOW, Program

PACKAGES = ("confluent-kafka", "numpy", "pydantic", "river")

_HERE = Path(__file__).parent
_WINNOW = REPOSITORY / "services" / "winnow"
_SCHEMAS = REPOSITORY / "schemas" / "winnow_schemas"
_HARNESS = tuple(_HERE / f"{name}.py" for name in ("broker", "measuring", "pipeline", "processor", "stage", "streams"))
_WINNOW_CODE = (
    *(_WINNOW / room for room in ("core", "learner", "runtime", "scorer")),
    _SCHEMAS,
    *(_HERE / f"{name}.py" for name in ("champion", "deployment", "ten_trees")),
)
_LOOP_CODE = (
    _HERE / "loops",
    _WINNOW / "runtime" / "kafka_defaults.py",
    *(_SCHEMAS / f"{name}.py" for name in ("base", "codec", "records")),
)


def code_of(program: Program) -> str:
    """Of that program, the harness included."""
    packages = () if program in PEERS else PACKAGES
    return code_hash((*_HARNESS, *_own(program)), packages)


def _own(program: Program) -> Sequence[Path]:
    if program == WINNOW:
        return _WINNOW_CODE
    if program not in PEERS:
        return _LOOP_CODE
    assert program.lock
    peers = _HERE / "peers"
    return (peers / "labelling.py", peers / f"{program.name}_peer.py", program.lock)
