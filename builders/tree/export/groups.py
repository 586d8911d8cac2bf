"""Groups of records that belong together, found by equal keys; and a part of them drawn without parting any group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from builders.tree.hashes import Hashes

Labels = np.ndarray[Any, np.dtype[np.intp]]


def labels(keys: Sequence[Hashes]) -> Labels:
    """Numbers the groups: two records are in one group if they have a key in common, directly or over others.

    Args:
        keys: for each kind of key, the key of every record.

    Returns:
        For every record, the place of the first record of its group.
    """
    kinds = [_runs(kind) for kind in keys]
    found = np.arange(len(keys[0]))
    while True:
        before = found.copy()
        for order, starts, sizes in kinds:
            found[order] = np.repeat(np.minimum.reduceat(found[order], starts), sizes) if len(order) else found
        found = found[found]  # two steps at once, so that a chain of n takes log n rounds
        if np.array_equal(before, found):
            return found


def _runs(keys: Hashes) -> tuple[Labels, Labels, Labels]:
    """The order that puts equal keys side by side; where each run of them starts, and its length."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]])) if len(keys) else order
    return order, starts, np.diff(np.append(starts, len(keys)))


def draw(labels: Labels, count: int, generator: np.random.Generator) -> Labels:
    """Draws whole groups at random.

    Args:
        labels: the group of every record.
        count: number of records, at most. Groups that do not fit any more are passed over.
        generator: what draws.

    Returns:
        Places of the drawn records, in no order.
    """
    groups, sizes = np.unique(labels, return_counts=True)
    waiting = generator.permutation(len(groups))
    taken = []
    while len(waiting := waiting[sizes[waiting] <= count]):
        fit = np.searchsorted(np.cumsum(sizes[waiting]), count, side="right")
        taken.append(waiting[:fit])
        count -= int(sizes[waiting[:fit]].sum())
        waiting = waiting[fit:]
    return np.flatnonzero(np.isin(labels, groups[np.concatenate([*taken, np.empty(0, np.intp)])]))
