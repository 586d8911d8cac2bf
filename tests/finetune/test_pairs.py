"""Records that belong together are found whatever connects them, and drawn together."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from finetune import pairs


def table(*rows: tuple[str, str, str, str]) -> pa.Table:
    return pa.table(dict(zip(("instruction", "input", "output", "id"), zip(*rows, strict=True), strict=True)))


def together(group: np.ndarray) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(group == number).tolist()) for number in set(group.tolist())}


def test_the_same_raw_row_and_the_same_two_texts():
    found = pairs.groups(
        table(
            ("訳して", "猫", "cat", "a:ja-en:1"),
            ("訳して", "cat", "猫", "a:en-ja:1"),  # the mirror
            ("説明して", "犬", "dog", "a:ja-en:2"),
            ("訳して", "dog", "犬", "b:en-ja:1"),  # another source with the same texts
            ("dog", "", "犬", "b:word:9"),  # without an input, the instruction stands for it
            ("訳して", "猫", "a cat", "a:ja-en:3"),  # one text in common is not enough
            ("訳して", "鳥", "bird", "a:ja-en:1:x"),  # the key may hold a colon
        )
    )
    assert together(found) == {frozenset({0, 1}), frozenset({2, 3, 4}), frozenset({5}), frozenset({6})}


def test_without_ids_the_texts_alone_decide():
    rows = table(("訳して", "猫", "cat", "a:ja-en:1"), ("訳して", "cat", "猫", "x"), ("何", "", "何", "y"))
    assert together(pairs.groups(rows.drop_columns("id"))) == {frozenset({0, 1}), frozenset({2})}


def test_a_chain_of_a_million_links_is_one_group():
    """Each record shares one key with the record before and another with the one behind."""
    row = np.arange(1_000_000)
    assert pairs._connect([row // 2, (row + 1) // 2]).max() == 0


@given(sizes=st.lists(st.integers(1, 5), min_size=1, max_size=60), count=st.integers(1, 80), seed=st.integers(0, 9))
def test_whole_groups_are_drawn_and_as_many_records_as_fit(sizes, count, seed):
    group = np.repeat(np.arange(len(sizes)), sizes)
    chosen = pairs.draw(group, count, seed)
    assert all(len(set(chosen[group == number].tolist())) == 1 for number in range(len(sizes)))
    assert chosen.sum() <= count
    left = [size for number, size in enumerate(sizes) if not chosen[group == number].any()]
    assert not left or min(left) > count - chosen.sum()
    assert (chosen == pairs.draw(group, count, seed)).all()


def test_a_large_group_is_passed_over_and_the_number_comes_out_exactly():
    group = np.repeat(np.arange(1001), [5000] + [2] * 1000)
    for seed in range(5):
        assert pairs.draw(group, 500, seed).sum() == 500
