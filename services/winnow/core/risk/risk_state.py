"""The monitor's state as plain JSON: a head here, and slots for what is many."""

from collections.abc import Mapping
from typing import Any

from winnow.core.risk.epochs import Epochs
from winnow.core.risk.monitor_parts import Parts
from winnow_schemas.base import NO_MODEL

_PLAIN = ("offset", "model_since", "model_withheld", "unknown_versions", "repeated")


def head(parts: Parts, epochs: Epochs) -> dict[str, Any]:
    """Everything but the slots."""
    return {
        **{name: getattr(parts, name) for name in _PLAIN},
        "epochs": epochs.snapshot(),
        "clock": parts.clock.now,
        "scopes": [scope.snapshot_head() for scope in parts.scopes],
        "releases": parts.releases.snapshot(),
        "progress": parts.progress.snapshot(),
        "times": parts.times.snapshot_head(),
        "gold": parts.gold.snapshot(),
        "commands": parts.commands.snapshot(),
        "issuer": parts.issuer.snapshot(),
        "pool": parts.pool.snapshot(),
        "budget": parts.budget.snapshot(),
    }


def restore(parts: Parts, epochs: Epochs, state: Mapping[str, Any], slots: Mapping[str, Mapping[str, Any]]) -> None:
    """Back to the head `state`; what the slots hold from later offsets is passed over."""
    plain = {
        "model_since": NO_MODEL,
        "model_withheld": NO_MODEL,
        **state,
    }  # states from before models could change say nothing of it
    for name in _PLAIN:
        setattr(parts, name, plain[name])
    epochs.restore(state["epochs"])
    parts.clock.now = state["clock"]
    parts.releases.restore(state["releases"])
    parts.progress.restore(state["progress"])
    parts.gold.restore(state["gold"])
    parts.commands.restore(state["commands"])
    parts.issuer.restore(state["issuer"])
    parts.pool.restore(state.get("pool"))
    parts.budget.restore(state.get("budget"))
    rows = {name: {int(row): value for row, value in section.items()} for name, section in slots.items()}
    parts.times.restore(state["times"], rows.get("answer_times", {}))
    parts.register.restore(rows.get("audits", {}), parts.offset)
    for number, (scope, scope_head) in enumerate(zip(parts.scopes, state["scopes"], strict=True)):
        scope.restore(scope_head, rows.get(f"answers/{number}", {}), parts.offset)
