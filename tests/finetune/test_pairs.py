"""Records that belong together are found whatever connects them, and drawn together."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
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


GOLDEN = sorted((Path(__file__).parents[1] / "corpora" / "golden").glob("*.records.jsonl"))
RAW_ROWS = {
    "jsquad": lambda task, key: "-".join(key.split("-")[:2]),  # valid-a1p0q0-1of2
    "jwtd": lambda task, key: key.partition(".")[0],
    "paranatcom": lambda task, key: key if task in ("title-en", "abstract-en") else key[: -len("-1")],
    "tanaka": lambda task, key: key.partition(".")[0],
    "wordnet": lambda task, key: key[: len("00000001-n")],
}
"""The raw row, question, synset or article of a record, where the key is not that alone."""


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.name.partition(".")[0])
def test_records_of_one_raw_row_of_any_corpus(path):
    """... by their ids alone: here every text is another one."""
    ids = [json.loads(line)["id"] for line in path.read_text(encoding="utf-8").splitlines()]
    expected, keys = defaultdict(set), set()
    for place, (source, task, key) in enumerate(identifier.split(":", 2) for identifier in ids):
        expected[RAW_ROWS.get(source, lambda task, key: key)(task, key)].add(place)
        keys.add(key)
    found = pairs.groups(table(*(("", f"text {place}", f"answer {place}", own) for place, own in enumerate(ids))))
    assert together(found) == {frozenset(places) for places in expected.values()}
    assert (len(expected) < len(keys)) == (path.name.partition(".")[0] in RAW_ROWS)


def test_an_article_whose_own_name_ends_with_a_number():
    ids = ["title-en:10.1/s-3", "title-ja:10.1/s-3-1", "title-ja:10.1/s-3-2", "abstract-en:10.1/s", "title-ja:10.1/s-1"]
    rows = table(*((f"a{place}", "", f"b{place}", f"paranatcom:{own}") for place, own in enumerate(ids)))
    assert together(pairs.groups(rows)) == {frozenset({0, 1, 2}), frozenset({3, 4})}


def test_duplicates_by_the_marks():
    """Also those whose representative is not among the records: the curated edition leaves the others out."""
    rows = table(*((f"a{place}", "", f"b{place}", f"s:t:{place}") for place in range(6)))
    marks = pl.DataFrame(
        {"id": ["s:t:1", "s:t:2", "s:t:3", "s:t:9"], "representative": ["s:t:0", "s:t:8", "s:t:8", "s:t:5"]}
    )
    found = together(pairs.groups(rows, marks))
    assert found == {frozenset({0, 1}), frozenset({2, 3}), frozenset({4}), frozenset({5})}
    assert len(together(pairs.groups(rows.drop_columns("id"), marks))) == 6


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
