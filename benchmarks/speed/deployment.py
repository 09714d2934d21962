"""A deployment of Winnow with an open gate: all that a scorer needs to label records, and nothing else runs."""

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from benchmarks.speed.broker import PARTITIONS, Cluster
from benchmarks.speed.champion import Messages, educated
from benchmarks.speed.streams import Shape, verdicts
from winnow.cli import secret_files
from winnow.cli.settings_options import as_environment
from winnow.demo.free_port import free_port
from winnow.runtime import admin
from winnow.runtime.settings import Settings
from winnow_schemas.codec import encode
from winnow_schemas.policies import Policy

AUDIT_RATE = 0.08 / 9
"""What a deployment comes to in its first million labels: the audit rate is divided by three twice (see `thinning`)."""

_SALT = "the same coins in all runs"
_KEYS = "model.keys"


class Deployment:
    """Topics under `prefix`; its records stay, everything else is made anew for each run."""

    def __init__(
        self, cluster: Cluster, prefix: str, task: Mapping[str, Any], models: Messages, threshold: float
    ) -> None:
        self._cluster = cluster
        self._models = models
        self._threshold = threshold
        self.settings = settings_of(cluster, prefix, task)
        self.records = self.settings.topics["records"]
        self.group = f"{prefix}.scorer"

    @property
    def command(self) -> Sequence[str]:
        """A scorer."""
        return (sys.executable, "-m", "winnow", "run", "scorer")

    def environment(self, slot: str = "0") -> dict[str, str]:
        """For a scorer of that slot."""
        return {**as_environment(self.settings), "WINNOW_SLOT": slot, "WINNOW_HTTP__PORT": str(free_port())}

    def renew(self) -> None:
        """As before the first record: nothing is read, nothing written, the champion and an open gate are there."""
        self._cluster.forget_group(self.group)
        old = [name for name in self._cluster.topics(f"{self.settings.prefix}.") if name != self.records]
        if old:
            self._cluster.forget_topics(old)
        admin.create_topics(self.settings)
        self._cluster.fill(self.settings.topics["models"], self._models)
        self._cluster.fill(self.settings.topics["policies"], [(b"current", encode(self._policy()))])

    def _policy(self) -> Policy:
        now = datetime.now(UTC)
        return Policy(
            version=1,
            epoch=1,
            chapter=3,
            state="auto",
            thresholds=dict.fromkeys(self.settings.task.labels, self._threshold),
            audit_rate=AUDIT_RATE,
            ledger_rate=AUDIT_RATE,
            target=0.05,
            confidence=0.95,
            salt_id=self.settings.salt_id,
            at=now,
            valid_until=now + timedelta(hours=1),
        )


def settings_of(cluster: Cluster, prefix: str, task: Mapping[str, Any]) -> Settings:
    """Of a deployment with that task; all have one key to sign models with."""
    task_file = cluster.folder / f"{prefix}.yaml"
    task_file.write_text(yaml.safe_dump(dict(task)), encoding="utf-8")
    keys = cluster.folder / _KEYS
    if not keys.exists():
        secret_files.add_model_key(keys)
    return Settings(
        prefix=prefix,
        partitions=PARTITIONS,
        task_file=task_file,
        kafka={"bootstrap_servers": cluster.bootstrap},
        secrets={"salt": _SALT, "model_key_file": keys},
    )


def taught(cluster: Cluster, name: str, task: Mapping[str, Any], labelled: Path, learner: Sequence[str]) -> Messages:
    """What a learner of its own publishes after these verdicts."""
    return educated(cluster, settings_of(cluster, f"school-{name}", task), labelled, learner)


def write_verdicts(file: Path, shape: Shape, count: int) -> Path:
    """A file of labelled records, a line each."""
    lines = (json.dumps({**record, "label": label}) for record, label in verdicts(shape, count))
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return file
