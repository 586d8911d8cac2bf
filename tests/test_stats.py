"""Figures of a tree are those that plain Python counts."""

from __future__ import annotations

import statistics
from collections import Counter

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import lengths, report, stats, tree
from builders.stats import COMPARED, Distribution

WHOLE_NUMBERS = st.lists(st.integers(0, 2_000), max_size=40)


@pytest.fixture(scope="module")
def measured(sample_tree):
    content = report.read(sample_tree)
    seen: list[int] = []
    found = stats.measure(sample_tree, content, stats.characters, seen.append)
    assert sum(seen) == sum(entry["records"] for entry in content["leaves"].values())
    return found


@pytest.fixture(scope="module")
def records(sample_tree):
    return {
        leaf: [record for batch in tree.batches(sample_tree, entry, COMPARED) for record in batch.to_pylist()]
        for leaf, entry in report.read(sample_tree)["leaves"].items()
    }


def test_lengths_of_every_leaf(measured, records):
    for leaf, figures in measured.leaves.items():
        assert figures.records == len(records[leaf])
        for name in lengths.COUNTED:
            texts = [len(record[name]) for record in records[leaf]]
            distribution = figures.lengths[name]
            assert distribution.total == sum(texts)
            assert distribution.mean == pytest.approx(statistics.mean(texts))
            assert distribution.median == statistics.median(texts)


def test_lengths_are_those_that_the_build_counted(measured, sample_tree):
    for leaf, entry in report.read(sample_tree)["leaves"].items():
        for name, figure in entry["characters"].items():
            assert measured.leaves[leaf].lengths[name].histogram() == figure["histogram"]
            assert measured.leaves[leaf].lengths[name].total == figure["total"]


def test_share_of_japanese(measured, records):
    for leaf, figures in measured.leaves.items():
        text = "".join(record[name] for record in records[leaf] for name in lengths.COUNTED)
        assert figures.characters == len(text)
        assert figures.japanese == sum("\u3000" <= character <= "\u9fff" for character in text)


def test_duplicates_of_the_sample(measured, records, sample_tree):
    leaves = report.read(sample_tree)["leaves"]
    seen: dict[str, Counter] = {}
    for leaf, rows in records.items():
        source = seen.setdefault(leaves[leaf]["corpus"], Counter())
        source.update(tuple(row[name] for name in COMPARED) for row in rows)

    assert measured.duplicates.repeated == {name: count.total() - len(count) for name, count in sorted(seen.items())}
    for (one, other), common in measured.duplicates.pairs.items():
        assert common == len(seen[one].keys() & seen[other].keys())
    assert measured.duplicates.pairs[("jesc", "tab_delimited")] > 0  # the samples share a sentence


@given(WHOLE_NUMBERS, WHOLE_NUMBERS)
def test_distributions_add_up(first, second):
    both = Distribution.of(first) + Distribution.of(second)

    assert both.total == sum(first + second)
    assert both.median == (statistics.median(first + second) if first + second else 0)
    assert sum(both.histogram()) == len(first + second)


@given(st.lists(st.text(max_size=20), max_size=8), st.data())
def test_japanese_is_counted_in_slices_too(texts, data):
    start = data.draw(st.integers(0, len(texts)))
    rest = "".join(texts[start:])

    counted = stats.count_japanese(pa.array(texts, pa.string()).slice(start))

    assert counted == (sum("\u3000" <= character <= "\u9fff" for character in rest), len(rest))


def test_a_record_is_shared_only_if_all_three_texts_are_equal():
    one = _prints([("問", "a", "b"), ("問", "a", "b"), ("別の問", "a", "b"), ("問", "b", "a")])
    other = _prints([("問", "a", "b"), ("問", "a", "")])

    found = stats.find_duplicates([("tanaka", one), ("jesc", other)])

    assert found.repeated == {"jesc": 0, "tanaka": 1}
    assert found.shared == {"jesc": 1, "tanaka": 2}
    assert found.pairs == {("jesc", "tanaka"): 1}


def test_a_constant_instruction_counts_as_its_text():
    plain = pa.RecordBatch.from_pydict({"instruction": ["問"], "input": ["a"], "output": ["b"]})
    encoded = plain.set_column(0, "instruction", plain.column(0).dictionary_encode())

    assert stats.fingerprints(plain) == stats.fingerprints(encoded)


def test_nothing_has_no_duplicates():
    assert stats.find_duplicates([]) == stats.Duplicates({}, {}, {})


def _prints(rows):
    columns = zip(*rows, strict=True)
    return stats.fingerprints(pa.RecordBatch.from_pydict(dict(zip(COMPARED, columns, strict=True))))
