"""Services of a deployment as processes of one tree: their order, addresses and environment.

A process is named after its service; the scorers beside the first one, which share its partitions, are
`scorer.1`, `scorer.2` and so on. Each has a slot and a port of its own, the same at every start.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

import httpx

from winnow.cli.settings_options import as_environment
from winnow.cli.supervisor import ServiceProcess, fresh_log
from winnow.runtime.settings import HTTP_PORTS, PREFIX, Settings

WORKERS_APART = 10
"""So far the ports of one service's workers are from each other."""

PAGES = {"review": "review page", "dashboard": "dashboard"}
ASK_S = 1.0
Ports = Mapping[str, int]


class Service(StrEnum):
    """The services of a deployment, in the order in which they start."""

    learner = "learner"
    monitor = "monitor"
    scorer = "scorer"
    review = "review"
    dashboard = "dashboard"


def ports_from(base: int | None) -> dict[str, int]:
    """Each service's own port, or ports from `base` on, in the same order."""
    shift = 0 if base is None else base - min(HTTP_PORTS.values())
    return {service: port + shift for service, port in HTTP_PORTS.items()}


def with_scorers(ports: Ports, scorers: int) -> dict[str, int]:
    """The same ports, and some for so many scorers in all; port 0 stays any that is free."""
    first = ports[Service.scorer]
    more = {f"{Service.scorer}.{number}": first and first + WORKERS_APART * number for number in range(1, scorers)}
    return {**ports, **more}


def slot_of(first: str, number: int) -> str:
    """The slot of a worker, when that of worker 0 is `first`: numbers count on, names get a number behind them."""
    if number == 0:
        return first
    return str(int(first) + number) if first.isdigit() else f"{first}.{number}"


def fleet(settings: Settings, ports: Ports, logs: Path | None) -> list[ServiceProcess]:
    """The processes that have a port, with these settings whatever our own environment says."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    shared = {**ours, "PYTHONUNBUFFERED": "1", "OPENBLAS_NUM_THREADS": "1", **as_environment(settings)}
    return [
        ServiceProcess(
            name,
            [sys.executable, "-m", "winnow", "run", service.value],
            {**shared, f"{PREFIX}SLOT": slot_of(settings.slot, number), f"{PREFIX}HTTP__PORT": str(ports[name])},
            fresh_log(logs, name) if logs else None,
        )
        for service in Service
        for number, name in enumerate(name for name in ports if name.partition(".")[0] == service)
    ]


def address(settings: Settings, port: int) -> str:
    """Where people reach a service on this machine."""
    host = "127.0.0.1" if settings.http.host in ("0.0.0.0", "::") else settings.http.host  # noqa: S104
    return f"http://{host}:{port}"


class Readiness:
    """Asks the services that are not yet ready whether they are."""

    def __init__(self, settings: Settings, ports: Ports) -> None:
        self._addresses = {service: address(settings, port) for service, port in ports.items()}
        self._waiting = set(ports)
        self._api = httpx.Client(timeout=ASK_S)

    @property
    def missing(self) -> set[str]:
        """Services that never said they were ready."""
        return set(self._waiting)

    def ask(self) -> list[str]:
        """The services that have become ready since the last time."""
        ready = [service for service in sorted(self._waiting) if self._is_ready(service)]
        self._waiting.difference_update(ready)
        return ready

    def close(self) -> None:
        """Close the connections."""
        self._api.close()

    def _is_ready(self, service: str) -> bool:
        try:
            return self._api.get(f"{self._addresses[service]}/readyz").is_success
        except httpx.HTTPError:
            return False


@contextmanager
def asking_readiness(settings: Settings, ports: Ports) -> Iterator[Readiness]:
    """A `Readiness` that is closed afterwards."""
    readiness = Readiness(settings, ports)
    try:
        yield readiness
    finally:
        readiness.close()
