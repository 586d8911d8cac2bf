"""What the Hub's viewer makes of the repository: the code that it offers to users of polars, dask and others.

For a config it looks at the patterns of the card one after the other. The first that finds exactly one file is offered
for the whole config, and the others are forgotten; where none does, all that find files are offered.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest
from datasets.data_files import resolve_pattern
from huggingface_hub import DatasetCard

from builders import catalogue
from builders.build import parquet
from builders.tree import reader, report

LARGEST_GROUP = 300
"""MB of a row group above which the viewer does not show a page."""


def offered(patterns: Sequence[str], directory: Path) -> list[str]:
    """What the viewer would write into the code."""
    kept = []
    for pattern in patterns:
        try:
            found = resolve_pattern(pattern, base_path=str(directory), allowed_extensions=[".parquet"])
        except FileNotFoundError:
            continue
        if len(found) == 1:
            return [Path(found[0]).relative_to(directory).as_posix()]
        kept.append(pattern)
    return kept


def _files(patterns: Sequence[str], directory: Path) -> list[str]:
    found = [path for pattern in patterns for path in resolve_pattern(pattern, base_path=str(directory))]
    return [Path(path).relative_to(directory).as_posix() for path in found]


@pytest.fixture(scope="module")
def patterns(sample_dataset: Path) -> dict[str, list[str]]:
    """Patterns of the card, by config."""
    card = DatasetCard.load(sample_dataset / "README.md").data
    found = {}
    for config in card.configs:
        (split,) = config["data_files"]
        found[config["config_name"]] = [split["path"]] if isinstance(split["path"], str) else split["path"]
    return found


@pytest.mark.parametrize("config", catalogue.CONFIGS)
def test_the_offered_code_reads_all_of_the_config(
    config: str, patterns: dict[str, list[str]], sample_dataset: Path
) -> None:
    built = reader.configs(report.load(sample_dataset))[config]

    (pattern,) = offered(patterns[config], sample_dataset)

    assert _files([pattern], sample_dataset) == [shard.path for task in built.tasks.values() for shard in task.shards]
    assert pl.read_parquet(sample_dataset / pattern).height == built.records


def test_a_glob_for_each_task_config_would_offer_one_of_them(sample_dataset: Path) -> None:
    """The rule as it is written here sees what was wrong when groups were lists."""
    several = [f"{name}/*.parquet" for name in catalogue.GROUPS["translation"]]

    assert offered(several, sample_dataset) == ["translation-alt/train-permissive-00000-of-00001.parquet"]


def test_files_bear_the_marks_of_an_optimized_parquet_file(sample_dataset: Path) -> None:
    """Content-defined chunks, named in the metadata; a page index; row groups that can be shown a page at a time."""
    for path in sample_dataset.glob("*/*.parquet"):
        metadata = pq.ParquetFile(path).metadata
        assert b'"min_chunk_size": 262144' in metadata.metadata[parquet.CHUNKING_KEY.encode()]
        for number in range(metadata.num_row_groups):
            group = metadata.row_group(number)
            assert group.total_byte_size < LARGEST_GROUP * 10**6
            assert all(group.column(column).has_offset_index for column in range(group.num_columns))
