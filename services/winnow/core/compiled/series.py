"""The learner's side: what of a model was published last, and what to publish next.

A text model's delta is made from the words of the verdicts learned since, without looking at the others, so
that its cost follows the verdicts and not the vocabulary.
"""

from dataclasses import dataclass, field, replace

from winnow.core.compiled.compiled_model import Compiled, compile_as, compile_model
from winnow.core.compiled.deltas import Delta, Rows, delta_between
from winnow.core.compiled.text_compiler import TABLE, WORDS, appended, changed_words, text_model, vocabulary_of
from winnow.core.models.record_input import ModelInput
from winnow.core.models.task_classifier import TaskClassifier
from winnow.core.models.vocabulary import bag_of
from winnow_schemas.model_names import TEXT_MODELS, kind_of
from winnow_schemas.task import Task

SMALL_BYTES = 64 * 1024


@dataclass(frozen=True)
class _Stand:
    """One published version. `whole` is kept of models over tables only; of a text model its size will do."""

    kind: str
    version: int
    digest: str
    labels: tuple[str, ...]
    words: int
    whole: Compiled | None = field(repr=False)


class Series:
    """Versions of one model. What was made counts as published when `published` says so; until then it is due again.

    For a model that cannot be compiled all it makes is None.
    """

    def __init__(self, task: Task, name: str) -> None:
        self._task = task
        self._name = name
        self._reads_text = kind_of(name) in TEXT_MODELS
        self._published: _Stand | None = None
        self._made: _Stand | None = None
        self._changed: dict[str, None] = {}
        self._sent: dict[str, None] = {}

    def learned(self, values: ModelInput) -> None:
        """One verdict was learned from these values."""
        if self._reads_text:
            self._changed.update(dict.fromkeys(bag_of(values.get("text", "")).words))

    def full(self, classifier: TaskClassifier, version: int) -> Compiled | None:
        """A full snapshot. After a delta to the same version it has the delta's digest: who followed needs it not."""
        self._send()
        if self._made is not None and self._made.version == version:
            compiled = compile_as(self._task, self._name, classifier, version, self._made.digest)
        else:
            compiled = compile_model(self._task, self._name, classifier, version)
        if compiled is not None:
            self._made = self._stand_of(compiled, classifier)
        return compiled

    def delta(self, classifier: TaskClassifier, version: int) -> Delta | None:
        """What changed since the last publication; None where a full snapshot must, or may as well, be published."""
        before = self._published
        self._made = None
        if before is None or before.labels != tuple(classifier.known):
            return None
        self._send()
        if self._reads_text:
            return self._text_delta(before, classifier, version)
        return self._table_delta(before, classifier, version)

    def published(self) -> None:
        """What was made last is published."""
        if self._made is not None:
            self._published, self._made = self._made, None
            self._sent = {}

    def _send(self) -> None:
        self._sent |= self._changed
        self._changed = {}

    def _text_delta(self, before: _Stand, classifier: TaskClassifier, version: int) -> Delta | None:
        step = changed_words(classifier, self._sent, before.words)
        if step is None:
            return None
        delta = Delta(
            task=self._task,
            kind=step.kind,
            base_version=before.version,
            base=before.digest,
            version=version,
            digest="",
            learned=bool(classifier.learned),
            meta=step.meta,
            whole={WORDS: appended(step.new, before.words), **step.small},
            rows={TABLE: Rows(step.words, step.places, step.rows)},
        ).chained()
        self._made = _Stand(step.kind, version, delta.digest, before.labels, step.words, None)
        return delta

    def _table_delta(self, before: _Stand, classifier: TaskClassifier, version: int) -> Delta | None:
        compiled = compile_as(self._task, self._name, classifier, version, digest="")
        if compiled is None or before.whole is None or _bytes(compiled) < SMALL_BYTES:
            return None
        delta = delta_between(before.whole, compiled)
        if delta is None or 2 * delta.nbytes > _bytes(compiled):
            return None
        self._made = self._stand_of(replace(compiled, digest=delta.digest), classifier)
        return delta

    def _stand_of(self, compiled: Compiled, classifier: TaskClassifier) -> _Stand:
        words = len(vocabulary_of(text_model(classifier))) if self._reads_text else 0
        whole = None if self._reads_text else compiled
        return _Stand(compiled.kind, compiled.version, compiled.digest, compiled.labels, words, whole)


def _bytes(compiled: Compiled) -> int:
    return sum(array.nbytes for array in compiled.arrays.values())
