"""Does one run of a program on the cluster; what several runs need is made once, when the first needs it."""

import json
import statistics
import subprocess
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import count, islice
from pathlib import Path

from benchmarks.run_cache import Values
from benchmarks.speed.broker import Cluster, Committed, Written
from benchmarks.speed.clients import WINNOW, Program, running
from benchmarks.speed.deployment import Deployment, taught, write_verdicts
from benchmarks.speed.loops.river_models import RiverModel
from benchmarks.speed.measuring import ClientFailed, Extent, Progress, Window, measured, require_labels
from benchmarks.speed.pipeline import Pipeline
from benchmarks.speed.processor import CLIENT_CORE
from benchmarks.speed.rows import VERDICTS, Row
from benchmarks.speed.streams import Shape, records

SURE_SHARE = 0.95
_JUDGED = 1_000


class Stage:
    """Not for several threads: whoever is measured has its core for itself."""

    def __init__(self, cluster: Cluster, extent: Extent) -> None:
        self.cluster = cluster
        self._extent = extent
        self._numbers = count()
        self._filled: set[str] = set()
        self.verdicts = cache(self._verdicts)
        self.threshold = cache(self._threshold)
        self.deployment = cache(self._deployment)

    def run(self, row: Row, program: Program) -> Values:
        """What one run gave; raises `ClientFailed`."""
        folder = self.cluster.folder / f"run-{next(self._numbers)}"
        folder.mkdir()
        if program == WINNOW:
            deployment = self.ready(row)
            progress: Progress = Committed(self.cluster, deployment.group, deployment.records)
            outcomes = [deployment.settings.topics[name] for name in ("labels", "review-requests")]
            return self._measured(row, deployment.command, deployment.environment(), progress, folder, outcomes)
        self._fill(row)
        pipeline = self._pipeline(row, program, folder)
        _prepare(program, folder)
        self.cluster.make_topics([pipeline.labels, pipeline.requests])
        try:
            command = program.command(folder)
            progress, outcomes = self._progress(program, pipeline), [pipeline.labels, pipeline.requests]
            return self._measured(row, command, pipeline.as_environment(), progress, folder, outcomes)
        finally:
            self.cluster.forget_topics([pipeline.labels, pipeline.requests])

    def ready(self, row: Row) -> Deployment:
        """A deployment with the row's records, of which nothing was read yet."""
        self._fill(row)
        deployment = self.deployment(row)
        deployment.renew()
        return deployment

    def _measured(  # noqa: PLR0913, PLR0917 - what a run is made of
        self,
        row: Row,
        command: Sequence[str],
        environment: Mapping[str, str],
        progress: Progress,
        folder: Path,
        outcomes: Sequence[str],
    ) -> Values:
        window = Window(self._extent, row.records)
        with running(command, environment, folder, CLIENT_CORE) as client:
            try:
                result = measured(window, progress, client.cpu_s, client.has_ended)
                require_labels(*(self._written(topic) for topic in outcomes))
                return {**result.as_values(), "memory_mb": round(client.memory_mb(), 1)}
            except ClientFailed as failure:
                raise ClientFailed(f"{failure}; {client.last_words()}") from None
            finally:
                progress.close()

    def _written(self, topic: str) -> int:
        written = Written(self.cluster, [topic])
        try:
            return written.count()
        finally:
            written.close()

    def _progress(self, program: Program, pipeline: Pipeline) -> Progress:
        if program.is_transactional:
            return Committed(self.cluster, pipeline.group, pipeline.records)
        return Written(self.cluster, [pipeline.labels, pipeline.requests])

    def _pipeline(self, row: Row, program: Program, folder: Path) -> Pipeline:
        name = f"{program.name}-{folder.name}"
        return Pipeline(
            bootstrap=self.cluster.bootstrap,
            group=name,
            records=_records_topic(row.shape),
            labels=f"{name}.labels",
            requests=f"{name}.requests",
            model=row.river,
            threshold=self.threshold(row),
            verdicts=self.verdicts(row),
            state=folder,
        )

    def _fill(self, row: Row) -> None:
        topic = _records_topic(row.shape)
        if topic not in self._filled:
            self._filled.add(topic)
            self.cluster.make_topics([topic])
            self.cluster.fill(topic, records(row.shape, row.records))

    def _verdicts(self, row: Row) -> Path:
        return write_verdicts(self.cluster.folder / f"{row.name}.jsonl", row.shape, VERDICTS)

    def _threshold(self, row: Row) -> float:
        """Below it are 5 of 100 records."""
        model = RiverModel(row.river, self.verdicts(row))
        tops = [model.top(json.loads(value))[1] for _, value in islice(records(row.shape, _JUDGED), _JUDGED)]
        return statistics.quantiles(tops, n=100)[round(100 * (1 - SURE_SHARE)) - 1]

    def _deployment(self, row: Row) -> Deployment:
        task = row.shape.task(row.model)
        models = taught(self.cluster, row.name, task, self.verdicts(row), row.learner)
        return Deployment(self.cluster, _prefix(row.shape), task, models, self.threshold(row))


def _prefix(shape: Shape) -> str:
    return f"speed-{shape.name}"


def _records_topic(shape: Shape) -> str:
    return f"{_prefix(shape)}.records.v1"


def _prepare(program: Program, folder: Path) -> None:
    """Bytewax wants its recovery store made beforehand."""
    if program.name == "bytewax":
        command = [str(program.python), "-m", "bytewax.recovery", str(folder), "1"]
        subprocess.run(command, check=True, capture_output=True)
