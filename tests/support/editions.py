"""Editions of a built dataset that differ in every record, as later versions of it would."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from builders import layout
from builders.documents import describe
from builders.files import sha256
from builders.schema import SCHEMA
from builders.tree import report
from builders.tree.report import ConfigReport, OutputFile


def edition(built: Path, directory: Path, version: str, shards: int = 1) -> Path:
    """A sound dataset like another, as a later version would be.

    Args:
        built: an output directory.
        directory: of the new one.
        version: of the new one; every record's output becomes `edition VERSION`.
        shards: number of Parquet files of each config; each file more takes one record more away, so that no edition's
            card fits another edition's data.

    Returns:
        `directory`.
    """
    shutil.copytree(built, directory)
    content = report.load(built)
    configs = {
        name: _edition(name, config, directory, version, shards) if config.shards else config
        for name, config in content.configs.items()
    }
    describe(replace(content, version=version, configs=configs), directory)
    return directory


def _edition(name: str, config: ConfigReport, directory: Path, version: str, shards: int) -> ConfigReport:
    old = [directory / shard.path for shard in config.shards]
    records = pa.concat_tables([pq.read_table(path) for path in old])
    for path in old:
        path.unlink()
    records = records.slice(shards - 1)
    outputs = pa.array([f"edition {version}"] * records.num_rows)
    records = records.set_column(SCHEMA.get_field_index("output"), SCHEMA.field("output"), outputs)
    template = next(iter(config.templates))
    written = tuple(_write(records, directory, name, shards))
    return replace(config, shards=written, templates={template: records.num_rows})


def _write(records: pa.Table, directory: Path, name: str, shards: int) -> list[OutputFile]:
    rows = -(-records.num_rows // shards)
    files = []
    for number, path in enumerate(layout.shard_paths(name, shards)):
        part = records.slice(number * rows, rows)
        pq.write_table(part, directory / path, store_schema=False)
        files.append(replace(output_file(directory, path), rows=part.num_rows))
    return files


def output_file(directory: Path, path: str) -> OutputFile:
    """What a report says of a file that lies there."""
    file = directory / path
    return OutputFile(path, file.stat().st_size, sha256(file))
