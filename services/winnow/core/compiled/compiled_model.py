"""A model as arrays: what the learner publishes and what the scorer scores with.

No snapshot holds code: it is JSON and arrays of numbers, so reading one can run nothing. It says for which
task, labels and inputs it was made, and a reader of another task refuses it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from winnow.core.compiled.committee_compiler import compile_committee, is_of_arrays
from winnow.core.compiled.container import fingerprint, pack, unpack
from winnow.core.compiled.gaussian_models import compile_gaussian
from winnow.core.compiled.inputs import Arrays, Inputs, Meta, described
from winnow.core.compiled.linear_models import compile_linear, is_compilable
from winnow.core.compiled.text_compiler import compile_text
from winnow.core.compiled.tree_compiler import compile_forest, compile_tree
from winnow.core.models.task_classifier import TaskClassifier
from winnow_schemas.model_names import kind_of
from winnow_schemas.task import Task

FORMAT = 1
_SAID = frozenset({"format", "of", "kind", "version", "digest", "labels", "learned", "meta"})

_Compiler = Callable[[TaskClassifier, Inputs], tuple[str, dict[str, Any], Arrays]]
_COMPILERS: Mapping[str, _Compiler] = {
    "logistic": compile_linear,
    "gaussian_naive_bayes": compile_gaussian,
    "hoeffding_tree": compile_tree,
    "adaptive_random_forest": compile_forest,
    "text_naive_bayes": lambda classifier, _: compile_text(classifier),
    "text_logistic": lambda classifier, _: compile_text(classifier),
    "committee": compile_committee,
}


@dataclass(frozen=True)
class Compiled:
    """One version of one model. `labels` are all it scores, in order; `learned` says whether it learned anything.

    `digest` names the contents: two of the same digest score alike, and a delta says which one it goes on from.
    """

    task: Task = field(repr=False)
    kind: str
    version: int
    digest: str
    labels: tuple[str, ...]
    learned: bool
    meta: Meta = field(repr=False)
    arrays: Arrays = field(repr=False)

    def to_bytes(self) -> bytes:
        """All of it."""
        return pack(header_of(self), self.arrays)

    @classmethod
    def from_bytes(cls, data: bytes, task: Task) -> Self:
        """Raises `ValueError` when the bytes are damaged, of a newer format or not for this task."""
        header, arrays = unpack(data)
        require_ours(header, _SAID, task)
        return cls(
            task=task,
            kind=header["kind"],
            version=header["version"],
            digest=header["digest"],
            labels=tuple(header["labels"]),
            learned=header["learned"],
            meta=header["meta"],
            arrays=arrays,
        )


def compile_model(task: Task, name: str, classifier: TaskClassifier, version: int) -> Compiled | None:
    """A model by its name in the task, compiled; None when it must be asked record by record.

    That is so for a model of the user's own, a committee with members from outside, and where the names of two
    inputs may mean the same column.
    """
    draft = compile_as(task, name, classifier, version, digest="")
    if draft is None:
        return None
    return replace(draft, digest=fingerprint(header_of(draft), draft.arrays))


def compile_as(task: Task, name: str, classifier: TaskClassifier, version: int, digest: str) -> Compiled | None:
    """The same under a digest that is known: what was reached by deltas keeps the name they gave it."""
    inputs, kind = Inputs.of(task), kind_of(name)
    if kind not in _COMPILERS or (kind == "logistic" and not is_compilable(inputs)):
        return None
    if name == "committee" and not is_of_arrays(classifier):
        return None
    form, meta, arrays = _COMPILERS[kind](classifier, inputs)
    return Compiled(task, form, version, digest, tuple(classifier.known), bool(classifier.learned), meta, arrays)


def header_of(compiled: Compiled) -> dict[str, Any]:
    """All but the arrays, as JSON."""
    return {
        "format": FORMAT,
        "of": described(compiled.task),
        "kind": compiled.kind,
        "version": compiled.version,
        "digest": compiled.digest,
        "labels": list(compiled.labels),
        "learned": compiled.learned,
        "meta": dict(compiled.meta),
    }


def require_ours(header: Mapping[str, Any], said: frozenset[str], task: Task) -> None:
    """Raises `ValueError` when a header is of a newer format or speaks of another task, or lacks something."""
    written = header.get("format")
    if not isinstance(written, int) or written > FORMAT:
        raise ValueError(f"compiled model of format {written}; this Winnow reads up to {FORMAT}: upgrade it")
    if missing := said - header.keys():
        raise ValueError(f"compiled model without {', '.join(sorted(missing))}")
    about = f"compiled model version {header['version']}"
    ours, theirs = described(task), header["of"]
    if not isinstance(theirs, dict) or theirs.get("task") != ours["task"]:
        raise ValueError(f"{about} is for another task than {task.task}")
    if theirs.get("labels") != ours["labels"]:
        raise ValueError(f"{about} has the labels {theirs.get('labels')}, the task {ours['labels']}")
    if theirs.get("input") != ours["input"] or list(theirs["input"]["features"]) != list(task.input.features):
        raise ValueError(f"{about} reads other inputs than the task declares")
