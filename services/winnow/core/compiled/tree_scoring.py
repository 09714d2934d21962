"""Scoring with compiled trees: all records walk down all trees at once, level by level."""

import math

import numpy as np

from winnow.core.compiled.inputs import Arrays, Codes, Flags, Floats, Meta
from winnow.core.compiled.record_columns import Columns
from winnow.core.compiled.sparse_rows import find
from winnow.core.compiled.tree_compiler import LEAF, NUMBER, VALUE, VALUES

_HALF_LOG_TAU = 0.5 * math.log(math.tau)
_TERMS_AT_ONCE = 1 << 16


class TreeScoring:
    """The sum of what the trees' leaves say, each weighted by its tree's vote.

    Within, a row stands for a label and a column for a walker: one record in one tree.
    """

    def __init__(self, meta: Meta, arrays: Arrays) -> None:  # noqa: ARG002 - all kinds are made alike
        _require_sound(arrays)
        self._of = arrays
        self._asks_others = bool(((arrays["kind"] != LEAF) & (arrays["kind"] != NUMBER)).any())
        self._is_bayes: Flags = ~np.isnan(arrays["leaf_priors"][:, 0])
        self._slots_of = np.diff(arrays["leaf_slots"])
        self._slots = _Slots(arrays)
        self._shares, self._priors = _by_label(arrays["leaf_shares"]), _by_label(arrays["leaf_priors"])

    def probabilities(self, columns: Columns) -> Floats:
        """One row per record; zeros where no tree has a leaf that says anything."""
        trees, records = len(self._of["roots"]), columns.numbers.shape[1]
        codes = np.array(columns.codes, dtype=np.intp).reshape(len(columns.codes), records)
        walkers = np.tile(np.arange(records), trees)
        leaves = self._leaves(columns.numbers, codes, walkers)
        said = self._shares.take(leaves, axis=1)
        bayes = np.flatnonzero(self._is_bayes.take(leaves))
        if len(bayes):
            said[:, bayes] = self._posteriors(columns.numbers, codes, leaves.take(bayes), walkers.take(bayes))
        total = np.zeros((len(said), records))
        for place, vote in enumerate(self._of["votes"].tolist()):
            total += said[:, place * records : (place + 1) * records] * vote
        return total.T

    def _leaves(self, numbers: Floats, codes: Codes, walkers: Codes) -> Codes:
        """The leaf at which each walker (a record in one tree) ends."""
        of = self._of
        at = np.repeat(of["roots"], numbers.shape[1])
        walking = np.flatnonzero(of["kind"].take(at) != LEAF)
        while len(walking):
            children = self._children(at.take(walking), numbers, codes, walkers.take(walking))
            at[walking] = children
            walking = walking[of["kind"].take(children) != LEAF]
        leaves: Codes = of["feature"].take(at)
        return leaves

    def _children(self, nodes: Codes, numbers: Floats, codes: Codes, records: Codes) -> Codes:
        of = self._of
        if not self._asks_others:
            return self._by_number(nodes, numbers, records)
        kinds = of["kind"].take(nodes)
        children: Codes = of["usual"].take(nodes)
        asks = np.flatnonzero(kinds == NUMBER)
        children[asks] = self._by_number(nodes[asks], numbers, records[asks])
        self._by_value(children, kinds, nodes, codes, records)
        return children

    def _by_number(self, nodes: Codes, numbers: Floats, records: Codes) -> Codes:
        of = self._of
        given = _picked(numbers, of["feature"].take(nodes), records)
        children = np.where(given <= of["threshold"].take(nodes), of["first"].take(nodes), of["second"].take(nodes))
        missing = np.flatnonzero(np.isnan(given))
        children[missing] = of["usual"].take(nodes.take(missing))
        return children

    def _by_value(self, children: Codes, kinds: Codes, nodes: Codes, codes: Codes, records: Codes) -> None:
        of = self._of
        asks = np.flatnonzero(kinds == VALUE)
        where = nodes[asks]
        given = codes[of["feature"][where], records[asks]]
        chosen = np.where(given == of["threshold"][where], of["first"][where], of["second"][where])
        children[asks] = np.where(given == 0, children[asks], chosen)
        asks = np.flatnonzero(kinds == VALUES)
        where = nodes[asks]
        rows, known = find(of["path_keys"], where, codes[of["feature"][where], records[asks]])
        children[asks[known]] = of["paths"][rows[known]]

    def _posteriors(self, numbers: Floats, codes: Codes, leaves: Codes, records: Codes) -> Floats:
        """What the leaves that are a naive Bayes say; terms are added slot by slot, as River adds them."""
        joint: Floats = self._priors.take(leaves, axis=1)
        first, count = self._of["leaf_slots"].take(leaves), self._slots_of.take(leaves)
        widest = int(count.max(initial=0))
        at_once = max(1, _TERMS_AT_ONCE // joint.size)
        for start in range(0, widest, at_once):
            places = np.arange(start, min(start + at_once, widest))[:, None]
            there = places < count
            terms = self._slots.terms(np.where(there, first + places, 0), numbers, codes, records)
            for place in range(len(places)):
                joint += np.where(there[place], terms[:, place], 0.0)
        odds: Floats = np.exp(joint - joint.max(axis=0))
        odds /= odds.sum(axis=0)
        return odds


class _Slots:
    """What leaves know of single features."""

    def __init__(self, arrays: Arrays) -> None:
        self._is_nominal = arrays["slot_nominal"] == 1
        self._feature = arrays["slot_feature"]
        self._number = np.where(self._is_nominal, 0, self._feature)
        self._has_nominal = bool(self._is_nominal.any())
        self._mean, self._scale = _by_label(arrays["slot_mean"]), _by_label(arrays["slot_scale"])
        self._offset = _by_label(arrays["slot_offset"])
        self._keys = arrays["share_keys"]
        self._log_shares = _by_label(arrays["log_shares"])

    def terms(self, slots: Codes, numbers: Floats, codes: Codes, records: Codes) -> Floats:
        """Log likelihoods by label, slot and record; 0 where a slot says nothing of a label."""
        if len(numbers):
            terms: Floats = _picked(numbers, self._number.take(slots), records) - self._mean.take(slots, axis=1)
            terms *= terms
            terms /= self._scale.take(slots, axis=1)
            terms -= _HALF_LOG_TAU
            terms -= self._offset.take(slots, axis=1)
            terms[~(terms > -np.inf)] = 0.0
        else:
            terms = np.zeros((len(self._mean), *slots.shape))
        if self._has_nominal:
            rows, places = self._is_nominal[slots].nonzero()
            nominal = slots[rows, places]
            entries, known = find(self._keys, nominal, codes[self._feature[nominal], records[places]])
            terms[:, rows[known], places[known]] = self._log_shares[:, entries[known]]
        return terms


def _picked(numbers: Floats, columns: Codes, records: Codes) -> Floats:
    """The numbers of some columns and records; one long index is found faster than two."""
    picked: Floats = numbers.ravel().take(columns * numbers.shape[1] + records)
    return picked


def _by_label(table: Floats) -> Floats:
    return np.ascontiguousarray(table.T)


def _require_sound(of: Arrays) -> None:
    """Raises `ValueError` when a walk could leave the trees or go round in them."""
    nodes, kinds = len(of["kind"]), of["kind"]
    inner = np.flatnonzero(kinds != LEAF)
    for children, parents in ((of["first"], inner), (of["second"], inner), (of["usual"], inner)):
        if not ((children[parents] > parents) & (children[parents] < nodes)).all():
            raise ValueError("trees with branches that lead nowhere")
    leaves = of["feature"][kinds == LEAF]
    slots = np.diff(of["leaf_slots"])
    sound = (
        ((of["roots"] >= 0) & (of["roots"] < nodes)).all()
        and ((leaves >= 0) & (leaves < len(of["leaf_shares"]))).all()
        and len(slots) == len(of["leaf_shares"]) == len(of["leaf_priors"])
        and (slots >= 0).all()
        and of["leaf_slots"][-1] == len(of["slot_feature"]) == len(of["slot_mean"])
    )
    if not sound:
        raise ValueError("trees with leaves that are not there")
