"""Which records differ: against a comparison of dictionaries, record by record."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.diff.dataset import in_directory
from builders.diff.records import compare, sides
from builders.schema import TEXTS
from builders.tree import report
from tests.diff.datasets import PAIRS, build, side
from tests.support.pairs import CONFIG

texts = st.tuples(*[st.sampled_from(["", "a", "b", "東京"])] * 3)
records = st.dictionaries(st.sampled_from([f"id{number}" for number in range(12)]), texts, max_size=12)


def hashes(ids) -> set[int]:
    return set(pl.Series(sorted(ids), dtype=pl.String).hash().to_list())


@settings(max_examples=30)
@given(records, records, st.integers(1, 3), st.integers(1, 3))
def test_as_a_comparison_of_dictionaries(before, after, files_before, files_after):
    with tempfile.TemporaryDirectory() as directory:
        old = side(Path(directory) / "old", before, files_before)
        new = side(Path(directory) / "new", after, files_after)

        found = compare(old, new)

    changed = {key for key in before.keys() & after.keys() if before[key] != after[key]}
    assert set(found.added.tolist()) == hashes(after.keys() - before.keys())
    assert set(found.removed.tolist()) == hashes(before.keys() - after.keys())
    assert set(found.changed.tolist()) == hashes(changed)
    columns = {
        name: sum(before[key][number] != after[key][number] for key in changed) for number, name in enumerate(TEXTS)
    }
    assert found.columns == {name: count for name, count in columns.items() if count}
    same = before.keys() & after.keys() - changed
    gone = {before[key] for key in before.keys() - same}
    assert found.moved == sum(after[key] in gone for key in after.keys() - same)
    assert bool(found) == (before != after)


def test_files_that_both_have_are_left_out(tmp_path):
    old = side(tmp_path / "old", {"a": ("1", "", "x"), "b": ("2", "", "x"), "c": ("3", "", "x")}, 3)
    new = side(tmp_path / "new", {"a": ("1", "", "x"), "b": ("2", "", "y"), "c": ("3", "", "x")}, 3)

    one, other = sides(old.dataset, new.dataset, old.entry, new.entry)

    assert [file.path for file in (*one.files, *other.files)] == ["1.parquet", "1.parquet"]
    assert one.records == other.records == 1
    assert hashes(["b"]) == set(compare(one, other).changed.tolist())


def test_a_file_that_stands_twice_is_left_out_once(tmp_path):
    """No build writes such a dataset; a comparison that left out both would not see the second one go."""
    old = side(tmp_path / "old", {"a": ("1", "", "x")}, 1)
    twice = replace(old.entry, shards=old.entry.shards * 2)

    one, other = sides(old.dataset, old.dataset, twice, old.entry)

    assert (len(one.files), len(other.files)) == (1, 0)


def test_the_same_directory_differs_in_nothing(tmp_path):
    dataset = in_directory(build(tmp_path))
    entry = report.load(tmp_path / "out").configs[CONFIG]
    assert entry.records == 2 * len(PAIRS)

    one, other = sides(dataset, dataset, entry, entry)

    assert not one.files and not other.files and not compare(one, other)
