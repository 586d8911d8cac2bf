"""The second look at a piece: its marks and its part of the curated edition, as Parquet files, and a last search for
benchmarks in what was written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from builders.build.parquet import ParquetFile, ParquetFiles
from builders.build.records import plain_size
from builders.clean import marks
from builders.clean.decide import first_drop, here
from builders.clean.inspect import Found, best_hits, load
from builders.clean.pieces import ROWS_PER_BATCH, Batch, Context, Piece, batches
from builders.clean.texts.normalize import normalize
from builders.clean.texts.payload import cells
from builders.files import finishing, is_finished, sha256
from builders.schema import COLUMNS
from builders.tree import lengths
from builders.tree.lengths import Lengths

RESULT, MARKS = "result.json", "marks.parquet"
OPTIONS = {"compression": "zstd", "compression_level": 3, "write_page_index": True, "store_schema": False}
"""How marks are written; content-defined chunks are for files of some megabytes."""


@dataclass(frozen=True)
class Written:
    """What was written of a piece.

    Args:
        shards: Parquet files of the curated edition, in order.
        marks: the file of marks.
        templates: number of records of the curated edition, by template.
        plain_bytes, characters: of the records of the curated edition, as in `builders.tree.report.ConfigReport`.
        benchmarks: number of records that are or hold an item, by benchmark.
        held: number of records that hold an item without being one, by benchmark and item.
        left: number of written records that hold an item, by benchmark.
    """

    shards: tuple[ParquetFile, ...]
    marks: ParquetFile
    templates: Mapping[str, int]
    plain_bytes: int
    characters: Mapping[str, Lengths]
    benchmarks: Mapping[str, int]
    held: Mapping[str, Mapping[str, int]]
    left: Mapping[str, int]


@dataclass(frozen=True)
class Order:
    """What is to be written.

    Args:
        piece: of the built dataset.
        found: the directory of what was found in it.
        rules: of each record, the bits of the rules that hit it.
        representative: of each record that has one, the id of its representative, in order.
        repeats: mask of these records.
        directory: appears when all is written.
    """

    piece: Piece
    found: Path
    rules: np.ndarray
    representative: pa.Array
    repeats: np.ndarray
    directory: Path


def write(order: Order) -> Written:
    """Writes marks and curated records of a piece, in a worker; or takes the result of an earlier run."""
    if is_finished(order.directory):
        return msgspec.json.decode((order.directory / RESULT).read_bytes(), type=Written)
    with finishing(order.directory) as temporary:
        written = _write(order, here(), temporary)
        (temporary / RESULT).write_bytes(msgspec.json.encode(written))
    return written


def _write(order: Order, context: Context, directory: Path) -> Written:
    found, stays = load(order.found), first_drop(order.rules) == 0
    representative = marks.with_mask(order.repeats, order.representative)
    spans, tables = marks.Spans(order.piece), []
    templates, plain_bytes, characters = Counter[str](), 0, lengths.zero()
    with ParquetFiles(directory) as parquet:
        for batch in batches(order.piece, context):
            place = slice(batch.first, batch.first + batch.raw.num_rows)
            tables.append(
                _marks(order, found, context, batch, spans, representative.slice(place.start, batch.raw.num_rows))
            )
            kept = batch.repaired.filter(pa.array(stays[place])).select(list(COLUMNS))
            if kept.num_rows:
                parquet.write(kept)
                templates.update(_counted(kept.column("task")))
                plain_bytes += plain_size(kept)
                characters = lengths.add([characters, lengths.count(kept)])
    file = directory / MARKS
    pq.write_table(pa.Table.from_batches(tables, marks.SCHEMA), file, **OPTIONS)
    return Written(
        shards=tuple(parquet.files),
        marks=ParquetFile(MARKS, order.piece.rows, file.stat().st_size, sha256(file)),
        templates=dict(templates),
        plain_bytes=plain_bytes,
        characters=characters,
        benchmarks=_benchmarks(context, found),
        held=_held(context, found),
        left=_search(context, order.piece, [directory / shard.name for shard in parquet.files]),
    )


def _counted(column: pa.Array) -> dict[str, int]:
    return {entry["values"]: entry["counts"] for entry in column.value_counts().to_pylist()}


def _marks(
    order: Order, found: Found, context: Context, batch: Batch, spans: marks.Spans, representative: pa.Array
) -> pa.RecordBatch:
    count = batch.raw.num_rows
    place = slice(batch.first, batch.first + count)
    hits = found.hits[slice(*np.searchsorted(found.hits[:, 0], [place.start, place.stop]))] - [place.start, 0, 0, 0, 0]
    own, rules = found.own[place], order.rules[place]
    benchmark = np.where(own >= 0, own, -1).astype(np.int64)
    items, scores = np.full(count, -1, np.int64), np.full(count, np.nan, np.float32)
    theirs = hits[own[hits[:, 0]] < 0]
    benchmark[theirs[:, 0]] = context.benchmark_of[theirs[:, 1]]
    items[theirs[:, 0]], scores[theirs[:, 0]] = theirs[:, 1], theirs[:, 4] / 1e6
    columns, starts, ends = spans.columns(batch, hits, np.flatnonzero(own >= 0))
    keys = [context.index.items[item].key if context.index and item >= 0 else "" for item in items.tolist()]
    names = ["", *(one.name for one in context.benchmarks)]
    values = {
        "id": batch.raw.column("id"),
        "rules": marks.rule_names(rules),
        "dropped_by": marks.rule_names(first_drop(rules)),
        "pair_score": pa.array(found.score[place], mask=np.isnan(found.score[place])),
        "representative": representative,
        "benchmark": pa.array(names, pa.string()).take(pa.array(benchmark + 1)),
        "item": pa.array(keys, pa.string()),
        "item_score": pa.array(scores, mask=np.isnan(scores)),
        "item_column": pa.array(columns, pa.string()),
        "item_start": pa.array(starts, pa.int32()),
        "item_end": pa.array(ends, pa.int32()),
        "repairs": marks.repairs(batch),
    }
    return pa.RecordBatch.from_arrays([values[name] for name in marks.MEANING], schema=marks.SCHEMA)


def _benchmarks(context: Context, found: Found) -> dict[str, int]:
    """Records that are or hold an item, by benchmark."""
    benchmark = found.own.astype(np.int64)
    theirs = found.hits[found.own[found.hits[:, 0]] < 0]
    benchmark[theirs[:, 0]] = context.benchmark_of[theirs[:, 1]]
    return {one.name: int((benchmark == number).sum()) for number, one in enumerate(context.benchmarks)}


def _held(context: Context, found: Found) -> dict[str, dict[str, int]]:
    """Records that hold an item without being one, by benchmark and item."""
    held: dict[str, dict[str, int]] = {}
    theirs = found.hits[found.own[found.hits[:, 0]] < 0, 1]
    for item, count in zip(*np.unique(theirs, return_counts=True), strict=True):
        assert context.index is not None
        name = context.benchmarks[int(context.benchmark_of[item])].name
        held.setdefault(name, {})[context.index.items[int(item)].key] = int(count)
    return held


def _search(context: Context, piece: Piece, paths: list[Path]) -> dict[str, int]:
    """Reads finished files and looks for items once more; number of records that hold one, by benchmark."""
    left = Counter[str]({one.name: 0 for one in context.benchmarks})
    for path in paths:
        with pq.ParquetFile(path) as file:
            for records in file.iter_batches(ROWS_PER_BATCH, use_threads=False):
                hits = best_hits(context, normalize(cells(records, piece.templates)))
                left.update(context.benchmarks[number].name for number in context.benchmark_of[hits[:, 1]].tolist())
    return dict(left)
