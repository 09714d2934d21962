"""What can be set of the dashboard itself."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DashboardSettings:
    """`poll_s`: how often the topic is looked at; `publish_s`: how often pages hear of it at most."""

    poll_s: float = 0.2
    publish_s: float = 1.0
    pages: int = 200
    heartbeat_s: float = 10.0
