"""Repeated records and those of evaluation sets are counted while shards are written, across all shards of a config."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import catalogue
from builders.build import repeats
from builders.build.repeats import RecordHashes
from builders.schema import TEXTS
from builders.tree import report
from samples import dumps
from tests.support import wikipedia
from tests.support.pairs import build_pairs


def saved(records: list[str], path: Path) -> Path:
    """What a shard keeps of records with these outputs."""
    kept = RecordHashes()
    for first in range(0, len(records), 3):
        outputs = records[first : first + 3]
        kept.add([pa.RecordBatch.from_pydict(dict.fromkeys(TEXTS, pa.array(outputs, pa.string())))])
    kept.save(path)
    return path


@given(st.lists(st.lists(st.sampled_from("abcdefgh")), min_size=1, max_size=4))
def test_as_many_as_a_set_holds(tmp_path_factory, shards):
    folder = tmp_path_factory.mktemp("shards")
    paths = [saved(records, folder / f"{number}.npz") for number, records in enumerate(shards)]
    assert repeats.count_different(paths) == len(set(sum(shards, [])))


def test_hashes_of_all_beginnings_count(tmp_path):
    records = [str(number) for number in range(1_000)]
    paths = [saved(records[:700], tmp_path / "a.npz"), saved(records[300:], tmp_path / "b.npz")]
    assert repeats.count_different(paths) == 1_000


def test_articles_that_are_equal_in_several_shards(tmp_path):
    pages = [dumps.Page("山", "'''山'''は高い。") if number % 10 == 0 else dumps.Page(f"山{number}", "山は高い。") for number in range(30)]  # fmt: skip
    sources = wikipedia.write_dump(tmp_path / "sources", pages)
    config = build_pairs(sources, tmp_path / "out", [wikipedia.CONFIG]).configs[wikipedia.CONFIG]
    assert len(config.shards) > 1
    assert (config.records, config.repeated) == (30, 2)


@pytest.fixture(scope="module")
def records(sample_dataset) -> dict[str, pa.Table]:
    """All records of the sample, by task config."""
    return {
        name: pa.concat_tables(pq.read_table(sample_dataset / shard.path) for shard in config.shards)
        for name, config in report.load(sample_dataset).built.items()
    }


def test_the_sample_counts_as_its_files_do(sample_dataset, records):
    configs = report.load(sample_dataset).built
    for name, table in records.items():
        different = Counter(zip(*(table.column(column).to_pylist() for column in TEXTS), strict=True))
        assert configs[name].repeated == table.num_rows - len(different), name


def test_records_of_evaluation_sets(sample_dataset, records):
    configs = report.load(sample_dataset).built
    counted = {}
    for name, table in records.items():
        keys = tuple(catalogue.CORPORA[configs[name].corpus].evaluation)
        counted[name] = sum(id.split(":", 2)[2].startswith(keys) for id in table.column("id").to_pylist())
    assert {name: config.evaluation for name, config in configs.items()} == counted
    assert sum(counted.values()), "some corpora have evaluation sets"
