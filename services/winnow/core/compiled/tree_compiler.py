"""Hoeffding trees and forests of them, compiled to arrays: all nodes of all trees in one row.

A branch knows its children and the one that most records took, where those go that lack its feature. A leaf
gives the shares of its labels, or is a small naive Bayes: a *slot* for each feature that it has observed.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from river import forest, tree
from river.tree.nodes.branch import DTBranch, NominalBinaryBranch, NominalMultiwayBranch, NumericBinaryBranch
from river.tree.nodes.htc_nodes import LeafNaiveBayesAdaptive
from river.tree.splitter import GaussianSplitter
from river.tree.splitter.nominal_splitter_classif import NominalSplitterClassif

from winnow.core.compiled.category_columns import FIRST
from winnow.core.compiled.inputs import Arrays, Inputs
from winnow.core.compiled.sparse_rows import Entry, sorted_keys
from winnow.core.models.task_classifier import TaskClassifier

LEAF, NUMBER, VALUE, VALUES, NOTHING = range(5)
"""What a node asks: nothing more, a number, one value of a category, any of several, or what no record brings."""

NO_OFFSET = math.inf
"""In place of half the log of the variance, where a label has no curve: then the number says nothing of it."""


def compile_tree(classifier: TaskClassifier, inputs: Inputs) -> tuple[str, dict[str, Any], Arrays]:
    """Kind, metadata and arrays of a `hoeffding_tree`."""
    return "hoeffding_tree", *_compiled([classifier.model], [1.0], classifier, inputs)


def compile_forest(classifier: TaskClassifier, inputs: Inputs) -> tuple[str, dict[str, Any], Arrays]:
    """Kind, metadata and arrays of an `adaptive_random_forest`: each tree votes with its accuracy."""
    model: forest.ARFClassifier = classifier.model
    accuracies = [metric.get() for metric in model._metrics]  # noqa: SLF001 - River shows them nowhere else
    votes = [accuracy if not model.disable_weighted_vote and accuracy > 0 else 1.0 for accuracy in accuracies]
    return "adaptive_random_forest", *_compiled(list(model), votes[: len(model)], classifier, inputs)


def _compiled(
    trees: list[tree.HoeffdingTreeClassifier], votes: list[float], classifier: TaskClassifier, inputs: Inputs
) -> tuple[dict[str, Any], Arrays]:
    grove = _Grove(list(classifier.known), inputs)
    rooted = [(one._root, vote) for one, vote in zip(trees, votes, strict=True) if one._root is not None]  # noqa: SLF001
    arrays = {
        "roots": np.array([grove.plant(root) for root, _ in rooted], dtype=np.int64),
        "votes": np.array([vote for _, vote in rooted], dtype=np.float64),
        **grove.arrays(),
    }
    return {"values": {name: list(codes) for name, codes in grove.codes.items()}}, arrays


@dataclass
class _Nodes:
    kind: list[int] = field(default_factory=list)
    feature: list[int] = field(default_factory=list)
    threshold: list[float] = field(default_factory=list)
    first: list[int] = field(default_factory=list)
    second: list[int] = field(default_factory=list)
    usual: list[int] = field(default_factory=list)

    def new(self) -> int:
        """The number of one more node, for now a leaf."""
        for column in (self.kind, self.feature, self.first, self.second, self.usual):
            column.append(0)
        self.threshold.append(0.0)
        return len(self.kind) - 1


@dataclass
class _Slots:
    feature: list[int] = field(default_factory=list)
    nominal: list[int] = field(default_factory=list)
    mean: list[list[float]] = field(default_factory=list)
    scale: list[list[float]] = field(default_factory=list)
    offset: list[list[float]] = field(default_factory=list)


class _Grove:
    """Trees as they are compiled; a category's value gets a code when it is first met."""

    def __init__(self, labels: list[str], inputs: Inputs) -> None:
        self._labels = labels
        self._numbers = {name: place for place, name in enumerate(inputs.number_columns)}
        self._categories = {name: place for place, name in enumerate(inputs.category_columns)}
        self.codes: dict[str, dict[str, int]] = {name: {} for name in inputs.category_columns}
        self._nodes = _Nodes()
        self._slots = _Slots()
        self._paths: list[tuple[Entry, int]] = []
        self._log_shares: list[tuple[Entry, list[float]]] = []
        self._shares: list[list[float]] = []
        self._priors: list[list[float]] = []
        self._first_slots = [0]

    def plant(self, root: Any) -> int:
        """The number of the root; a tree may be deeper than Python's stack."""
        number = self._nodes.new()
        waiting = [(root, number)]
        weights = _weights(root)
        while waiting:
            node, place = waiting.pop()
            if isinstance(node, DTBranch):
                children = [(child, self._nodes.new()) for child in node.children]
                self._branch(node, place, [number for _, number in children], weights)
                waiting += reversed(children)
            else:
                self._leaf(node, place)
        return number

    def arrays(self) -> Arrays:
        """Everything planted."""
        labels = len(self._labels)
        path_keys, path_order = sorted_keys(entry for entry, _ in self._paths)
        share_keys, share_order = sorted_keys(entry for entry, _ in self._log_shares)
        nodes, slots = self._nodes, self._slots
        return {
            "kind": np.array(nodes.kind, dtype=np.int64),
            "feature": np.array(nodes.feature, dtype=np.int64),
            "threshold": np.array(nodes.threshold, dtype=np.float64),
            "first": np.array(nodes.first, dtype=np.int64),
            "second": np.array(nodes.second, dtype=np.int64),
            "usual": np.array(nodes.usual, dtype=np.int64),
            "path_keys": path_keys,
            "paths": np.array([child for _, child in self._paths], dtype=np.int64)[path_order],
            "leaf_shares": np.array(self._shares, dtype=np.float64).reshape(-1, labels),
            "leaf_priors": np.array(self._priors, dtype=np.float64).reshape(-1, labels),
            "leaf_slots": np.array(self._first_slots, dtype=np.int64),
            "slot_feature": np.array(slots.feature, dtype=np.int64),
            "slot_nominal": np.array(slots.nominal, dtype=np.uint8),
            "slot_mean": np.array(slots.mean, dtype=np.float64).reshape(-1, labels),
            "slot_scale": np.array(slots.scale, dtype=np.float64).reshape(-1, labels),
            "slot_offset": np.array(slots.offset, dtype=np.float64).reshape(-1, labels),
            "share_keys": share_keys,
            "log_shares": np.array([row for _, row in self._log_shares]).reshape(-1, labels)[share_order],
        }

    def _branch(self, branch: DTBranch, place: int, children: list[int], weights: dict[int, float]) -> None:
        nodes = self._nodes
        nodes.usual[place] = children[_usual(branch, weights)]
        nodes.first[place], nodes.second[place] = children[0], children[-1]
        nodes.kind[place] = NOTHING
        if isinstance(branch, NumericBinaryBranch) and branch.feature in self._numbers:
            nodes.kind[place] = NUMBER
            nodes.feature[place] = self._numbers[branch.feature]
            nodes.threshold[place] = branch.threshold
        elif isinstance(branch, NominalBinaryBranch) and branch.feature in self._categories:
            nodes.kind[place] = VALUE
            nodes.feature[place] = self._categories[branch.feature]
            nodes.threshold[place] = self._code(branch.feature, branch.value)
        elif isinstance(branch, NominalMultiwayBranch) and branch.feature in self._categories:
            nodes.kind[place] = VALUES
            nodes.feature[place] = self._categories[branch.feature]
            for value, child in branch._mapping.items():  # noqa: SLF001 - River shows it nowhere else
                self._paths.append((Entry(place, self._code(branch.feature, value)), children[child]))

    def _leaf(self, leaf: Any, place: int) -> None:
        total = sum(leaf.stats.values())
        self._nodes.feature[place] = len(self._shares)
        share = 1 / total if total else 0.0
        self._shares.append([leaf.stats.get(label, 0.0) * share for label in self._labels])
        is_bayes = _is_bayes(leaf) and total
        self._priors.append([_prior(leaf.stats.get(label), total) if is_bayes else math.nan for label in self._labels])
        if is_bayes:
            for name, splitter in leaf.splitters.items():
                self._slot(leaf, name, splitter)
        self._first_slots.append(len(self._slots.feature))

    def _slot(self, leaf: Any, name: str, splitter: Any) -> None:
        labels = [label if leaf.stats.get(label, 0.0) > 0 else None for label in self._labels]
        if isinstance(splitter, GaussianSplitter) and name in self._numbers:
            curves = [_curve(splitter, label) for label in labels]
            self._new_slot(self._numbers[name], 0, curves)
        elif isinstance(splitter, NominalSplitterClassif) and name in self._categories:
            owner = len(self._slots.feature)
            self._new_slot(self._categories[name], 1, [_NO_CURVE] * len(labels))
            for value, row in _log_shares(splitter, labels).items():
                self._log_shares.append((Entry(owner, self._code(name, value)), row))

    def _new_slot(self, feature: int, nominal: int, curves: list[tuple[float, float, float]]) -> None:
        slots = self._slots
        slots.feature.append(feature)
        slots.nominal.append(nominal)
        for column, values in zip((slots.mean, slots.scale, slots.offset), zip(*curves, strict=True), strict=True):
            column.append(list(values))

    def _code(self, name: str, value: str) -> int:
        codes = self.codes[name]
        return codes.setdefault(value, FIRST + len(codes))


_NO_CURVE = (0.0, -1.0, NO_OFFSET)


def _weights(root: Any) -> dict[int, float]:
    """The weight of every node by its identity, children first, summed as River sums it."""
    order = list(_nodes(root))
    weights: dict[int, float] = {}
    for node in reversed(order):
        if isinstance(node, DTBranch):
            weights[id(node)] = sum(weights[id(child)] for child in node.children)
        else:
            weights[id(node)] = sum(node.stats.values())
    return weights


def _nodes(root: Any) -> Iterator[Any]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, DTBranch):
            waiting += node.children


def _usual(branch: DTBranch, weights: dict[int, float]) -> int:
    """The child with most weight, the first of equals."""
    of_children = [weights[id(child)] for child in branch.children]
    return of_children.index(max(of_children))


def _is_bayes(leaf: Any) -> bool:
    if not isinstance(leaf, LeafNaiveBayesAdaptive):
        raise TypeError(f"an adaptive leaf was expected, not a {type(leaf).__name__}")
    return bool(leaf.is_active() and leaf._nb_correct_weight >= leaf._mc_correct_weight)  # noqa: SLF001 - as its prediction does


def _prior(weight: float | None, total: float) -> float:
    """A label without weight stands at 0, as in River; one never seen is out."""
    if weight is None:
        return -math.inf
    return math.log(weight / total) if weight > 0 else 0.0


def _curve(splitter: GaussianSplitter, label: str | None) -> tuple[float, float, float]:
    """Mean, -2 variance and half the log of the variance of one label's numbers."""
    gaussian = splitter._att_dist_per_class.get(label)  # noqa: SLF001 - River shows it nowhere else
    if gaussian is None or gaussian.n_samples <= 1:
        return _NO_CURVE
    variance = gaussian._var.get()  # noqa: SLF001 - sigma squared again is another number
    if not variance > 0.0:
        return _NO_CURVE
    return gaussian.mu, -2.0 * variance, 0.5 * math.log(variance)


def _log_shares(splitter: NominalSplitterClassif, labels: list[str | None]) -> dict[str, list[float]]:
    """By value: the log of its share among each label's values, 0 where it was never seen."""
    rows: dict[str, list[float]] = {}
    for place, label in enumerate(labels):
        counts = splitter._att_dist_per_class.get(label, {}) if label is not None else {}  # noqa: SLF001
        total = sum(counts.values())
        for value, count in counts.items():
            if total and count > 0:
                rows.setdefault(value, [0.0] * len(labels))[place] = math.log(count / total)
    return rows
