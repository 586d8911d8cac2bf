"""Figures of a dataset are those that plain Python counts."""

from __future__ import annotations

import statistics
from collections import Counter

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.schema import TEXTS
from builders.tree import lengths, reader, report, stats
from builders.tree.hashes import hash_records
from builders.tree.stats import Distribution

WHOLE_NUMBERS = st.lists(st.integers(0, 2_000), max_size=40)


@pytest.fixture(scope="module")
def measured(sample_dataset):
    content = report.load(sample_dataset)
    seen: list[int] = []
    found = stats.measure(sample_dataset, content, stats.characters, seen.append)
    assert sum(seen) == sum(entry.records for entry in content.configs.values())
    return found


@pytest.fixture(scope="module")
def records(sample_dataset):
    return {
        name: [record for batch in reader.batches(sample_dataset, entry, TEXTS) for record in batch.to_pylist()]
        for name, entry in report.load(sample_dataset).configs.items()
    }


def test_lengths_of_every_task_config(measured, records):
    for name, figures in measured.configs.items():
        assert figures.records == len(records[name])
        for column in lengths.COUNTED:
            texts = [len(record[column]) for record in records[name]]
            distribution = figures.lengths[column]
            assert distribution.total == sum(texts)
            assert distribution.mean == pytest.approx(statistics.mean(texts))
            assert distribution.median == statistics.median(texts)


def test_lengths_are_those_that_the_build_counted(measured, sample_dataset):
    for name, entry in report.load(sample_dataset).configs.items():
        for column, counted in entry.characters.items():
            assert measured.configs[name].lengths[column].histogram() == list(counted.histogram)
            assert measured.configs[name].lengths[column].total == counted.total


def test_share_of_japanese(measured, records):
    for name, figures in measured.configs.items():
        text = "".join(record[column] for record in records[name] for column in lengths.COUNTED)
        assert figures.characters == len(text)
        assert figures.japanese == sum("\u3000" <= character <= "\u9fff" for character in text)


def test_duplicates_of_the_sample(measured, records, sample_dataset):
    configs = report.load(sample_dataset).configs
    seen: dict[str, Counter] = {}
    for name, rows in records.items():
        source = seen.setdefault(configs[name].corpus, Counter())
        source.update(tuple(row[column] for column in TEXTS) for row in rows)

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


def test_nothing_has_no_duplicates():
    assert stats.find_duplicates([]) == stats.Duplicates({}, {}, {})


def _prints(rows):
    columns = zip(*rows, strict=True)
    return hash_records(pa.RecordBatch.from_pydict(dict(zip(TEXTS, columns, strict=True))))
