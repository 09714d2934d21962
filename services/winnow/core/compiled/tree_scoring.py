"""Scoring with compiled trees: all records walk down all trees at once, level by level."""

import math

import numpy as np

from winnow.core.compiled.inputs import Arrays, Codes, Flags, Floats, Meta
from winnow.core.compiled.record_columns import Columns
from winnow.core.compiled.sparse_rows import find
from winnow.core.compiled.tree_compiler import LEAF, NUMBER, VALUE, VALUES

_HALF_LOG_TAU = 0.5 * math.log(math.tau)


class TreeScoring:
    """The sum of what the trees' leaves say, each weighted by its tree's vote."""

    def __init__(self, meta: Meta, arrays: Arrays) -> None:  # noqa: ARG002 - all kinds are made alike
        _require_sound(arrays)
        self._of = arrays
        self._asks_categories = bool(((arrays["kind"] == VALUE) | (arrays["kind"] == VALUES)).any())
        self._has_nominal_slots = bool(arrays["slot_nominal"].any())
        self._is_bayes: Flags = ~np.isnan(arrays["leaf_priors"][:, 0])
        self._slots_of = np.diff(arrays["leaf_slots"])

    def probabilities(self, columns: Columns) -> Floats:
        """One row per record; zeros where no tree has a leaf that says anything."""
        trees, records = len(self._of["roots"]), columns.numbers.shape[1]
        codes = np.array(columns.codes, dtype=np.intp).reshape(len(columns.codes), records)
        walkers = np.tile(np.arange(records), trees)
        leaves = self._leaves(columns.numbers, codes, walkers)
        said = self._of["leaf_shares"][leaves]
        bayes = np.flatnonzero(self._is_bayes[leaves])
        if len(bayes):
            said[bayes] = self._posteriors(columns.numbers, codes, leaves[bayes], walkers[bayes])
        total = np.zeros((records, said.shape[1]))
        for vote, of_tree in zip(self._of["votes"], said.reshape(trees, records, said.shape[1]), strict=True):
            total += of_tree * vote
        return total

    def _leaves(self, numbers: Floats, codes: Codes, walkers: Codes) -> Codes:
        """The leaf at which each walker (a record in one tree) ends."""
        of = self._of
        at = np.repeat(of["roots"], numbers.shape[1])
        walking = np.flatnonzero(of["kind"][at] != LEAF)
        while len(walking):
            at[walking] = self._children(at[walking], numbers, codes, walkers[walking])
            walking = walking[of["kind"][at[walking]] != LEAF]
        leaves: Codes = of["feature"][at]
        return leaves

    def _children(self, nodes: Codes, numbers: Floats, codes: Codes, records: Codes) -> Codes:
        of = self._of
        kinds = of["kind"][nodes]
        children: Codes = of["usual"][nodes]
        asks = np.flatnonzero(kinds == NUMBER)
        where = nodes[asks]
        given = numbers[of["feature"][where], records[asks]]
        below = np.where(given <= of["threshold"][where], of["first"][where], of["second"][where])
        children[asks] = np.where(np.isnan(given), children[asks], below)
        if self._asks_categories:
            self._by_value(children, kinds, nodes, codes, records)
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
        """What the leaves that are a naive Bayes say."""
        of = self._of
        joint = of["leaf_priors"][leaves]
        first, count = of["leaf_slots"][leaves], self._slots_of[leaves]
        for place in range(int(count.max(initial=0))):
            rows = np.flatnonzero(count > place)
            slots = first[rows] + place
            if self._has_nominal_slots:
                nominal = of["slot_nominal"][slots] == 1
                self._add_categories(joint, rows[nominal], slots[nominal], codes, records)
                rows, slots = rows[~nominal], slots[~nominal]
            self._add_numbers(joint, rows, slots, numbers, records)
        odds: Floats = np.exp(joint - joint.max(axis=1, keepdims=True))
        odds /= odds.sum(axis=1, keepdims=True)
        return odds

    def _add_numbers(self, joint: Floats, rows: Codes, slots: Codes, numbers: Floats, records: Codes) -> None:
        of = self._of
        away = numbers[of["slot_feature"][slots], records[rows]][:, None] - of["slot_mean"][slots]
        logs = away * away / of["slot_scale"][slots] - _HALF_LOG_TAU - of["slot_offset"][slots]
        joint[rows] += np.where(logs > -np.inf, logs, 0.0)

    def _add_categories(self, joint: Floats, rows: Codes, slots: Codes, codes: Codes, records: Codes) -> None:
        of = self._of
        entries, known = find(of["share_keys"], slots, codes[of["slot_feature"][slots], records[rows]])
        joint[rows[known]] += of["log_shares"][entries[known]]


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
