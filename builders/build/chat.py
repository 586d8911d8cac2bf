"""The config `chat`: the records of a built dataset once more, as conversations in a column `messages`.

Trainers that read `messages` from the Hub need no export then. It is a config of its own, and not a column of all:
a column makes every file twice as long for everybody (measured on 15,015 records: 5.5 MB, with the column 10.7 MB, the
config alone 5.3 MB), and readers of the flat configs would meet a list. It is read by `datasets` 2.14 to 5 if the card
tells its features and `dataset_infos.json` does not: a list there stops `datasets` 2 and 3 for all configs.
"""

from __future__ import annotations

import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from builders import layout
from builders.build import parquet
from builders.files import sha256
from builders.tree.export.formats import KEPT, question
from builders.tree.report import OutputFile, Report

TURN = pa.struct([pa.field("role", pa.string(), nullable=False), pa.field("content", pa.string(), nullable=False)])
SCHEMA = pa.schema(
    [
        pa.field("messages", pa.list_(TURN), nullable=False),
        *(pa.field(name, pa.string(), nullable=False) for name in KEPT),
    ]
)
"""Schema of the config's files."""


def with_chat(report: Report, out: Path, workers: int) -> Report:
    """Writes the conversations of all configs, file by file beside the records' own.

    Args:
        report: of the built dataset.
        out: the output directory.
        workers: threads.

    Returns:
        The report that names the files; it is not written, and neither are the documents.
    """
    shutil.rmtree(out / layout.CHAT, ignore_errors=True)
    shards = [shard for config in report.built.values() for shard in config.shards]
    with ThreadPoolExecutor(workers) as pool:
        files = pool.map(lambda shard: _write(out, shard), shards)
        return replace(report, chat=tuple(files))


def _write(out: Path, shard: OutputFile) -> OutputFile:
    """The conversations of one file of records, in the same order, under the same name."""
    path = out / layout.CHAT / shard.path
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".tmp")
    source = pq.ParquetFile(out / shard.path)
    options = {**parquet.OPTIONS, "use_dictionary": ["source", "license", "messages.list.element.role"]}
    with pq.ParquetWriter(temporary, SCHEMA, **options) as writer:
        for group in range(source.num_row_groups):
            writer.write_table(conversations(source.read_row_group(group)))
        writer.add_key_value_metadata({parquet.CHUNKING_KEY: json.dumps(parquet.CHUNKING)})
    os.replace(temporary, path)
    return OutputFile(f"{layout.CHAT}/{shard.path}", path.stat().st_size, sha256(path), shard.rows)


def conversations(records: pa.Table) -> pa.Table:
    """Records as conversations of two turns: what is asked, and the answer.

    Args:
        records: with all columns.

    Returns:
        As many rows of `SCHEMA`.
    """
    frame = pl.DataFrame(pl.from_arrow(records)).select(asked=question(), answer=pl.col("output"))
    texts = pa.concat_arrays([_strings(frame["asked"]), _strings(frame["answer"])])
    rows: int = records.num_rows
    places = np.arange(2 * rows)
    roles = pa.array(["user", "assistant"]).take(pa.array(places % 2))
    turns = pa.StructArray.from_arrays(
        [roles, texts.take(pa.array(places // 2 + places % 2 * rows))], fields=list(TURN)
    )
    messages = pa.ListArray.from_arrays(pa.array(2 * np.arange(rows + 1), pa.int32()), turns)
    kept = [records.column(name).combine_chunks() for name in KEPT]
    return pa.Table.from_arrays([messages, *kept], schema=SCHEMA)


def _strings(texts: pl.Series) -> pa.Array:
    return texts.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(pa.string())
