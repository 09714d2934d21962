"""A real single-node Apache Kafka (KRaft) on loopback that tests may kill, freeze and start again."""

import base64
import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.support.child_process import end_child, start_child
from tests.support.kafka_jars import kafka_jars
from tests.support.waiting import eventually

from winnow.demo.free_port import free_ports

_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={logs}
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
transaction.abort.timed.out.transaction.cleanup.interval.ms=1000
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
num.network.threads=2
num.io.threads=4
log.cleaner.dedupe.buffer.size=8388608
"""

QUICK_START = ("-XX:TieredStopAtLevel=1",)
"""For tests: little is compiled, so the broker is soon there."""

THOROUGH: tuple[str, ...] = ()
"""For benchmarks: what runs often is compiled as in production."""


class KafkaBroker:
    """One broker with its data in `directory`; the port stays the same over restarts."""

    def __init__(self, directory: Path, java_options: Sequence[str] = QUICK_START) -> None:
        self._directory = directory
        self._java_options = java_options
        self._logs = directory / "logs"
        self._properties = directory / "server.properties"
        port, controller = free_ports(2)
        self.bootstrap = f"127.0.0.1:{port}"
        self._properties.write_text(_PROPERTIES.format(port=port, controller=controller, logs=self._logs))
        self._starts = 0
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start (again) on the same data and wait until it serves."""
        assert not self.is_running, "the broker is already running"
        if not self._logs.exists():
            self._format()
        self._starts += 1
        log = self._directory / f"broker.{self._starts}.log"
        self._process = start_child(_java("kafka.Kafka", str(self._properties), options=self._java_options), output=log)
        eventually(lambda: self._serves(log), within_s=60, what="Kafka's start")

    def stop(self) -> None:
        """End it in good order."""
        if self._process is not None:
            end_child(self._process)
            self._process = None

    def kill(self) -> None:
        """kill -9."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self._process = None

    def freeze(self) -> None:
        """Stop the process without ending it: connections stay open, nobody answers."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen broker go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    @property
    def is_running(self) -> bool:
        """Whether the process is there (frozen counts)."""
        return self._process is not None and self._process.poll() is None

    def _serves(self, log: Path) -> bool:
        text = log.read_text(errors="replace")
        assert self.is_running, f"Kafka ended at its start:\n{text[-2000:]}"
        return "Kafka Server started" in text

    def _format(self) -> None:
        cluster = "A" + base64.urlsafe_b64encode(os.urandom(16)).decode()[:21]
        properties = str(self._properties)
        tool = _java("kafka.tools.StorageTool", "format", "--standalone", "-t", cluster, "-c", properties)
        subprocess.run(tool, check=True, capture_output=True, stdin=subprocess.DEVNULL)


def _java(main_class: str, *arguments: str, options: Sequence[str] = QUICK_START) -> list[str]:
    logging = ["-Dorg.slf4j.simpleLogger.defaultLogLevel=info", "-Dorg.slf4j.simpleLogger.showDateTime=true"]
    memory = ["-Xms128m", "-Xmx512m", "-XX:+UseG1GC"]
    settings = [*memory, *options, *logging, "-Djava.awt.headless=true", "-cp", f"{kafka_jars()}/*"]
    return ["java", *settings, main_class, *arguments]
