"""A model, a policy and records made for each other: some the machine is sure of, some not, some broken."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from tests.support.deployment import Deployment

from winnow.core.compiled import compile_model
from winnow.core.models import build, river_input
from winnow.runtime.model_keys import load_model_keys
from winnow.runtime.model_state import ModelState
from winnow.runtime.snapshot_slots import CHAMPION
from winnow.runtime.snapshots import publish, seal_snapshot
from winnow_schemas.codec import encode
from winnow_schemas.policies import Policy

TASK: dict[str, Any] = {
    "task": "sizes",
    "labels": ["small", "large"],
    "input": {"features": {"size": "number", "colour": "category"}},
    "target": {"error": 0.05},
    "model": {"champion": "logistic"},
}
BROKEN = (b'{"id": "x", "features": {"si', b'{"id": "x", "features": {"size": NaN}}', b"\xff\xfe", b"[" * 5000, b"{}")


def publish_model(deployment: Deployment, learned: int = 500) -> None:
    """A champion that knows small from large."""
    task, random = deployment.settings.task, Random(1)
    model = build(task, "logistic")
    for _ in range(learned):
        size = random.gauss(0, 1)
        record = {"features": {"size": size, "colour": random.choice(["red", "blue"])}}
        model.learn_one(river_input(task, record), "large" if size > 0 else "small")
    compiled = compile_model(task, "logistic", model, learned)
    assert compiled is not None
    state = ModelState(CHAMPION, "logistic", task.task, learned, learned, learned, datetime.now(UTC), compiled)
    sealed = seal_snapshot(state.as_compiled(compiled.digest), load_model_keys(deployment.settings))
    messages = publish(deployment.settings.topics["models"], sealed, None)
    deployment.send("models", [(message.key, message.value or b"") for message in messages])


def publish_policy(deployment: Deployment, **changes: Any) -> None:
    """A policy that lets the machine label above 0.8, valid for an hour."""
    now = datetime.now(UTC)
    values = {
        "version": 1,
        "epoch": 1,
        "state": "auto",
        "thresholds": {"small": 0.8, "large": 0.8},
        "audit_rate": 0.16,
        "ledger_rate": 0.08,
        "target": 0.05,
        "confidence": 0.95,
        "salt_id": deployment.settings.salt_id,
        "at": now,
        "valid_until": now + timedelta(hours=1),
    }
    deployment.send("policies", [(b"current", encode(Policy(**{**values, **changes})))])


def records(count: int, broken_every: int = 0, seed: int = 2) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values; every so many is broken."""
    random = Random(seed)
    for number in range(count):
        key = f"r{number}".encode()
        if broken_every and number % broken_every == broken_every - 1:
            yield key, BROKEN[number // broken_every % len(BROKEN)]
            continue
        features = {"size": round(random.gauss(0, 1.5), 3), "colour": random.choice(["red", "blue"])}
        yield key, json.dumps({"id": f"r{number}", "features": features}).encode()
