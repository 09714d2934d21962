"""The long forms take minutes: they run when they are asked for."""

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if "lockstep" in config.option.markexpr:
        return
    for item in items:
        if item.get_closest_marker("lockstep"):
            item.add_marker(pytest.mark.skip(reason="takes minutes: make lockstep"))
