"""Lengths counted batch by batch are those that Python counts text by text."""

from __future__ import annotations

from bisect import bisect_right

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from builders.build.records import constant
from builders.tree import lengths
from builders.tree.lengths import Lengths

BATCHES = st.lists(st.lists(st.tuples(st.text(max_size=70), st.text(max_size=70))), max_size=4)


@given(BATCHES)
def test_batches_add_up_to_the_texts(batches):
    figures = lengths.add(lengths.count(_batch(batch)) for batch in batches)

    for place, name in enumerate(lengths.COUNTED):
        expected = [len(pair[place]) for batch in batches for pair in batch]
        assert figures[name].total == sum(expected)
        bins = [bisect_right(lengths.EDGES, length) - 1 for length in expected]
        assert figures[name].histogram == tuple(bins.count(index) for index in range(max(bins, default=-1) + 1))


def test_a_constant_column_counts_once_per_record():
    records = pa.RecordBatch.from_arrays([constant("", 3), constant("東京", 3)], ["input", "output"])

    figures = lengths.count(records)

    assert figures["input"] == Lengths(0, (3,))
    assert figures["output"].total == 6
    assert figures["output"].histogram[lengths.EDGES.index(2)] == 3


def test_columns_that_batches_share_are_told_from_their_slices():
    short, long = pa.array(["a", "bb", "ccc"]), pa.array(["d" * 10, "e" * 20, "f" * 30])
    there = pa.RecordBatch.from_arrays([short, long], ["input", "output"])
    back = pa.RecordBatch.from_arrays([long, short], ["input", "output"])

    figures = lengths.count(there, back, there.slice(1, 1), there.slice(2, 1))

    assert figures["input"].total == 6 + 60 + 2 + 3
    assert figures["output"].total == 60 + 6 + 20 + 30


def test_the_last_bin_is_open():
    records = pa.RecordBatch.from_arrays([pa.array([""]), pa.array(["あ" * 1_500_000])], ["input", "output"])

    assert lengths.count(records)["output"].histogram[-1] == 1


def _batch(pairs: list[tuple[str, str]]) -> pa.RecordBatch:
    columns = [pa.array([pair[place] for pair in pairs], pa.string()) for place in (0, 1)]
    return pa.RecordBatch.from_arrays(columns, list(lengths.COUNTED))
