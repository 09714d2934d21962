"""Ports on loopback that nobody uses, and that nobody gets by chance before we listen on them."""

import random
import socket
from collections.abc import Iterator
from itertools import islice

LOWEST, HIGHEST = 15_000, 32_000
"""Below the ports that systems hand out to outgoing connections."""


def free_port() -> int:
    """A TCP port on 127.0.0.1 that nobody uses now."""
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """Distinct TCP ports on 127.0.0.1 that nobody uses now."""
    return list(islice(_free(), count))


def _free() -> Iterator[int]:
    candidates = random.SystemRandom().sample(range(LOWEST, HIGHEST), HIGHEST - LOWEST)
    return (port for port in candidates if is_free(port))


def is_free(port: int) -> bool:
    """Whether nobody listens on this TCP port of 127.0.0.1 now."""
    with socket.socket() as listener:
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
