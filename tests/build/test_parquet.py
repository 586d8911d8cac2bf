"""Files and row groups end where readers want them to, and the same rows give the same bytes."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from builders.build import parquet
from builders.build.parquet import ParquetFiles
from builders.schema import SCHEMA


def batches(count: int, rows: int):
    for number in range(count):
        columns = [pa.array([f"{field.name} {number} {row}" for row in range(rows)]) for field in SCHEMA]
        yield pa.RecordBatch.from_arrays(columns, SCHEMA.names)


def write(directory: Path, *batches: pa.RecordBatch):
    directory.mkdir(exist_ok=True)
    with ParquetFiles(directory) as files:
        for batch in batches:
            files.write(batch)
    return files.files


def test_row_groups_end_at_the_row_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(parquet, "ROWS_PER_GROUP", 100)
    [file] = write(tmp_path / "a", *batches(5, 70))
    metadata = pq.ParquetFile(tmp_path / "a" / file.name).metadata
    groups = [metadata.row_group(index).num_rows for index in range(metadata.num_row_groups)]
    assert sum(groups) == 350 and max(groups) <= 100


def test_row_groups_end_at_the_byte_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(parquet, "BYTES_PER_GROUP", 10_000)
    [file] = write(tmp_path / "a", *batches(6, 100))
    assert pq.ParquetFile(tmp_path / "a" / file.name).metadata.num_row_groups == 6


def test_files_end_at_their_size(tmp_path, monkeypatch):
    monkeypatch.setattr(parquet, "BYTES_PER_FILE", 10_000)
    monkeypatch.setattr(parquet, "ROWS_PER_GROUP", 500)
    files = write(tmp_path / "a", *batches(4, 500))
    assert len(files) > 1 and sum(file.rows for file in files) == 2000
    assert [file.name for file in files] == [f"{number:05d}.parquet" for number in range(len(files))]
