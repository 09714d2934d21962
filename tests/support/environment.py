"""Settings as environment variables, for processes that tests start."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

if TYPE_CHECKING:
    from winnow.runtime.settings import Settings


def as_environment(settings: "Settings", **more: str) -> dict[str, str]:
    """This process's environment, without its own WINNOW_ settings, with those of `settings` and `more`."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("WINNOW_")}
    chosen = settings.model_dump(exclude_unset=True)
    return {**inherited, "OPENBLAS_NUM_THREADS": "1", **_flat("WINNOW_", chosen), **more}


def _flat(prefix: str, values: Mapping[str, Any]) -> dict[str, str]:
    flat: dict[str, str] = {}
    for name, value in values.items():
        variable = f"{prefix}{name.upper()}"
        if isinstance(value, Mapping):
            flat |= _flat(f"{variable}__", value)
        elif value is not None:
            flat[variable] = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
    return flat
