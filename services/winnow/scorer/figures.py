"""Figures about a scorer: the family `scorer` on the metrics topic, and the same for Prometheus."""

from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence

from prometheus_client import Counter as PrometheusCounter
from prometheus_client import Gauge, Histogram

from winnow.core.batch_decision import BatchDecision
from winnow.runtime.messages import Outgoing
from winnow.runtime.metrics import MetricsWindow
from winnow_schemas.base import NO_MODEL, NO_POLICY

NEWEST_ANSWERS = 500

_DECISIONS = PrometheusCounter("winnow_scorer_decisions", "Committed decisions", ["reason"])
_DEAD = PrometheusCounter("winnow_scorer_dead_letters", "Records that broke their contract")
_MODEL = Gauge("winnow_scorer_model_version", "Version of the model in use")
_POLICY = Gauge("winnow_scorer_policy_version", "Version of the policy in use")
_STALE = Gauge("winnow_scorer_policy_stale", "1 when there is no policy in force: everything goes to review")
_MISFITS = PrometheusCounter("winnow_scorer_misfits", "Values of another kind than the task declares")
_CALLS = PrometheusCounter(
    "winnow_scorer_function_calls", "Calls of labelling functions, by what came of them", ["function", "outcome"]
)
_TRANSACTION = Histogram("winnow_scorer_transaction_seconds", "From reading a batch to its commit")
_ANSWER_TO_MODEL = Histogram(
    "winnow_answer_to_model_seconds",
    "From a reviewer's answer to a model in use that has learned it",
    buckets=(0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30, 60),
)


class Figures:
    """Counts what is committed: a batch waits until then. `clock` measures how long transactions take."""

    def __init__(self, window: MetricsWindow, clock: Callable[[], float]) -> None:
        self._window = window
        self._clock = clock
        self._began = clock()
        self._reasons: Counter[str] = Counter()
        self._unscored = self._dead = self._misfits = 0
        self._calls: Counter[tuple[str, str]] = Counter()
        self._answers: deque[float] = deque(maxlen=NEWEST_ANSWERS)
        for name in ("records", "dead", "unscored", "misfits"):
            window.add(name, 0)
        self.in_use(NO_MODEL, NO_POLICY, stale=True)

    def began(self) -> None:
        """A batch is being handled."""
        self._began = self._clock()

    def adopted(self, answer_ages: Sequence[float]) -> None:
        """A model came into use with answers of these ages, in seconds."""
        self._answers.extend(round(age, 3) for age in answer_ages)
        for age in answer_ages:
            _ANSWER_TO_MODEL.observe(age)
        if answer_ages:
            self._window.set("answer_to_model_s", list(self._answers))

    def in_use(self, model_version: int, policy_version: int, *, stale: bool) -> None:
        """What decides now."""
        self._window.set("model_version", model_version)
        self._window.set("policy_version", policy_version)
        self._window.set("stale", stale)
        _MODEL.set(model_version)
        _POLICY.set(policy_version)
        _STALE.set(stale)

    def decided(self, decision: BatchDecision) -> None:
        """The decisions of this batch; a model that had no score for a record is counted."""
        for gate, ruling, count in decision.ruled():
            self._reasons[ruling.reason] += count
            self._unscored += count * (decision.model_version != NO_MODEL and gate.label is None)

    def died(self) -> None:
        """One record of this batch broke its contract."""
        self._dead += 1

    def misfits(self, count: int) -> None:
        """So many values of this batch did not fit the task's inputs and counted as missing."""
        self._misfits += count

    def heard(self, calls: Mapping[tuple[str, str], int]) -> None:
        """How often labelling functions voted, abstained, failed or took too long in this batch."""
        self._calls.update(calls)

    def due(self, now: float) -> list[Outgoing]:
        """The messages to send now, about what was committed before this batch."""
        return self._window.due(now)

    def committed(self) -> None:
        """The batch counts."""
        records = self._reasons.total() + self._dead
        if records:
            took = self._clock() - self._began
            self._window.sample("transaction_ms", 1000 * took)
            _TRANSACTION.observe(took)
        self._window.add("records", records)
        self._window.add("dead", self._dead)
        self._window.add("unscored", self._unscored)
        self._window.add_parts("reasons", self._reasons)
        for reason, count in self._reasons.items():
            _DECISIONS.labels(reason).inc(count)
        self._window.add_parts(
            "functions", {f"{name} {outcome}": count for (name, outcome), count in self._calls.items()}
        )
        for (name, outcome), count in self._calls.items():
            _CALLS.labels(name, outcome).inc(count)
        self._window.add("misfits", self._misfits)
        _DEAD.inc(self._dead)
        _MISFITS.inc(self._misfits)
        self.aborted()

    def aborted(self) -> None:
        """The batch does not count."""
        self._reasons.clear()
        self._calls.clear()
        self._unscored = self._dead = self._misfits = 0
