"""A user's labelling functions, asked in a process of their own; whatever they do, an answer comes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import Any, Literal, NamedTuple, Self

from winnow.runtime.errors import UsageError
from winnow.runtime.function_process import FunctionProcess, NoAnswer
from winnow.runtime.function_rests import FunctionRests
from winnow.runtime.steady_clock import steady_now
from winnow_schemas.base import FunctionVotes
from winnow_schemas.codec import encode_record
from winnow_schemas.records import Record
from winnow_schemas.task import FunctionsSpec

Outcome = Literal["vote", "abstain", "error", "overrun"]


class Heard(NamedTuple):
    """What came of asking one function about one record; `label` is there for a vote, `why` for an error."""

    outcome: Outcome
    label: str | None = None
    why: str | None = None


_ABSTAINS = Heard("abstain")
_OVERRUN = Heard("overrun")


@dataclass(frozen=True, slots=True)
class FunctionLimits:
    """Seconds that a call, and all calls about one batch, may take; bytes of memory for all functions together.

    Without `batch_seconds` every function is asked about every record, however long it takes; with them one that does
    not keep within them, or ends its process, rests for a while.
    """

    seconds: float = 0.1
    memory: int = 1 << 30
    batch_seconds: float | None = None

    @classmethod
    def of(cls, spec: FunctionsSpec) -> Self:
        """As the task file says."""
        return cls(spec.seconds, spec.megabytes << 20, spec.batch_seconds)


class LabellingFunctions:
    """Functions of one file, all public ones or those of some `names`.

    A process that hangs or dies is replaced; the call in question counts as what it was. Raises `UsageError`.
    """

    def __init__(self, file: Path, labels: Sequence[str], limits: FunctionLimits, names: Sequence[str] = ()) -> None:
        if not file.is_file():
            raise UsageError(f"{file}: there is no such file of labelling functions")
        self._file = file
        self._labels = frozenset(labels)
        self._limits = limits
        self._rests = FunctionRests()
        self._process: FunctionProcess | None = FunctionProcess(file, limits.seconds, limits.memory)
        self.described = self._chosen(self._process.described, names)

    @property
    def names(self) -> tuple[str, ...]:
        """In the order in which they stand in the file."""
        return tuple(self.described)

    def ask(self, records: Sequence[Record]) -> list[dict[str, Heard]]:
        """What each function says of each record; all of them are handed over at once."""
        began = steady_now()
        bodies = list(map(encode_record, records))
        answers: dict[str, list[Heard]] = {name: [] for name in self.names}
        for name in set(self.names) - set(self._rests.awake(self.names, began)):
            answers[name] += [_OVERRUN] * len(bodies)
        while unheard := [name for name, said in answers.items() if len(said) < len(bodies)]:
            left_s = self._left_s(began)
            if left_s is not None and left_s <= 0.0:
                _fill(answers, unheard, _OVERRUN, len(bodies))
            else:
                self._hear(unheard, bodies, answers, left_s)
        return [dict(zip(answers, said, strict=True)) for said in zip(*answers.values(), strict=True)]

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _left_s(self, began: float) -> float | None:
        within_s = self._limits.batch_seconds
        return None if within_s is None else began + within_s - steady_now()

    def _chosen(self, described: Mapping[str, str], names: Sequence[str]) -> Mapping[str, str]:
        for name in names:
            if name not in described:
                self.close()
                raise UsageError(f"{self._file}: it has no function {name}; it has {', '.join(described)}")
        return {name: about for name, about in described.items() if name in names} if names else described

    def _hear(self, names: Sequence[str], bodies: Sequence[bytes], answers: Any, left_s: float | None) -> None:
        """Let functions go on with the first of them from where it stands, until all is said or the process ends."""
        try:
            if self._process is None:
                self._process = FunctionProcess(self._file, self._limits.seconds, self._limits.memory)
            said = self._process.ask(names, bodies, len(answers[names[0]]), left_s)
            for name in names:
                self._listen(name, said, answers[name], len(bodies))
        except UsageError as error:  # the file can be read no more
            _fill(answers, names, Heard("error", why=str(error)), len(bodies))
            self._failed(names)
        except NoAnswer as none:
            self._process = None
            culprit = next(name for name in names if len(answers[name]) < len(bodies))
            answers[culprit].append(Heard(none.outcome, why=none.why))
            if left_s is not None:
                _fill(answers, [culprit], answers[culprit][-1], len(bodies))
                self._failed([culprit])

    def _listen(self, name: str, said: Any, answers: list[Heard], count: int) -> None:
        was_late = False
        while len(answers) < count:
            outcome, value = next(said)
            was_late |= outcome == "late"
            answers.append(self._understood(outcome, value))
        if was_late:
            self._failed([name])
        else:
            self._rests.did_well(name)

    def _understood(self, outcome: str, value: Any) -> Heard:
        if outcome == "abstain":
            return _ABSTAINS
        if outcome == "vote":
            if value in self._labels:
                return Heard("vote", label=value)
            return Heard("error", why=f"{value[:50]!r} is no label of the task")
        return Heard("error", why=value) if outcome == "error" else _OVERRUN

    def _failed(self, names: Sequence[str]) -> None:
        for name in names:
            self._rests.failed(name, steady_now())


def votes_of(heard: Mapping[str, Heard]) -> FunctionVotes:
    """The labels that were voted."""
    return {name: one.label for name, one in heard.items() if one.label is not None}


def _fill(answers: Mapping[str, list[Heard]], names: Sequence[str], said: Heard, count: int) -> None:
    for name in names:
        answers[name] += repeat(said, count - len(answers[name]))
