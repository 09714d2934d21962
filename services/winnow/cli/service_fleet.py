"""All services of a deployment as processes of one tree: their order, addresses and environment."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from winnow.cli.run_command import Service
from winnow.cli.settings_options import as_environment
from winnow.cli.supervisor import ServiceProcess, fresh_log
from winnow.runtime.settings import HTTP_PORTS, PREFIX, Settings

PAGES = {"review": "review page", "dashboard": "dashboard"}
ASK_S = 1.0
Ports = Mapping[str, int]


def ports_from(base: int | None) -> dict[str, int]:
    """Each service's own port, or ports from `base` on, in the same order."""
    shift = 0 if base is None else base - min(HTTP_PORTS.values())
    return {service: port + shift for service, port in HTTP_PORTS.items()}


def fleet(settings: Settings, ports: Ports, logs: Path | None) -> list[ServiceProcess]:
    """One process for each service, with these settings whatever our own environment says."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    shared = {**ours, "PYTHONUNBUFFERED": "1", **as_environment(settings)}
    return [
        ServiceProcess(
            service.value,
            [sys.executable, "-m", "winnow", "run", service.value],
            {**shared, f"{PREFIX}HTTP__PORT": str(ports[service.value])},
            fresh_log(logs, service.value) if logs else None,
        )
        for service in Service
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
