"""Records with a key in common, directly or over others, are one group, and no draw parts one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.tree.export import groups


def _labels(*keys: list[int]) -> list[int]:
    return groups.labels([np.array(kind, np.uint64) for kind in keys]).tolist()


def _slowly(*keys: list[int]) -> list[int]:
    """The same by following every key in common, one record at a time."""
    found = list(range(len(keys[0])))
    changed = True
    while changed:
        changed = False
        for kind in keys:
            for first, one in enumerate(kind):
                for second, other in enumerate(kind):
                    if one == other and found[second] > found[first]:
                        found[second], changed = found[first], True
    return found


def test_groups_over_two_kinds_of_keys() -> None:
    assert _labels([1, 1, 2, 3, 4], [7, 8, 8, 9, 5]) == [0, 0, 0, 3, 4]


def test_no_records() -> None:
    assert _labels([], []) == []


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=25))
def test_as_one_would_find_them_by_hand(pairs: list[tuple[int, int]]) -> None:
    keys = [list(kind) for kind in zip(*pairs, strict=True)] or [[], []]
    assert _labels(*keys) == _slowly(*keys)


def test_a_long_chain_is_one_group() -> None:
    """A hundred thousand records, each joined to the next; a step a round would take for ever."""
    places = np.arange(100_000)
    assert not groups.labels([(places // 2).astype(np.uint64), ((places + 1) // 2).astype(np.uint64)]).any()


@pytest.mark.parametrize("count", [0, 1, 2, 7, 30, 100])
def test_a_draw_takes_whole_groups_and_as_many_as_asked_for_where_it_can(count: int) -> None:
    labels = np.repeat([0, 1, 2, 9, 15, 20], [1, 1, 2, 6, 5, 30])

    drawn = groups.draw(labels, count, np.random.default_rng(1))

    assert len(drawn) <= count
    assert not set(labels[drawn]) & set(np.delete(labels, drawn))
    assert len(drawn) == min(count, 45) or count == 30
