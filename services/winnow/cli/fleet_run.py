"""Keeps processes of services running until it is asked to end."""

from pathlib import Path

from winnow.cli.restart_policy import RestartPolicy
from winnow.cli.service_fleet import PAGES, Ports, address, asking_readiness, fleet
from winnow.cli.supervisor import Supervisor
from winnow.cli.terminal import complain, say
from winnow.runtime.settings import Settings
from winnow.runtime.stop_signals import stop_on_signals

LOOK_EVERY_S = 0.25


def serve(settings: Settings, ports: Ports, logs: Path | None) -> None:
    """Run the fleet until a signal; tells when each process is ready."""
    with (
        stop_on_signals() as stop,
        Supervisor(fleet(settings, ports, logs), RestartPolicy(), complain) as supervisor,
        asking_readiness(settings, ports) as readiness,
    ):
        while not stop.wait(LOOK_EVERY_S):
            supervisor.watch()
            for service in readiness.ask():
                say(f"{service} is ready{_page(settings, ports, service)}")
                if not readiness.missing:
                    say("all services are ready; Ctrl-C ends them")
        say("ending")


def _page(settings: Settings, ports: Ports, service: str) -> str:
    return f": {PAGES[service]} {address(settings, ports[service])}/" if service in PAGES else ""
