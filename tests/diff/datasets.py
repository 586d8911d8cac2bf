"""Small datasets to be compared: built from pairs of sentences that have Tatoeba's ids, or written record by record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from builders.diff.dataset import Dataset
from builders.diff.records import Side
from builders.schema import COLUMNS, SCHEMA
from builders.tree.report import CleanConfig, Report
from tests.support.editions import output_file
from tests.support.pairs import CONFIG, build_pairs, write_pairs

PAIRS = {number: (f"Sentence number {number}.", f"{number}番目の文です。") for number in range(1, 8)}
"""English and Japanese by the number that both ids are made of."""
Pairs = Mapping[int, tuple[str, str]]


def build(directory: Path, pairs: Pairs = PAIRS) -> Path:
    """Builds the pairs as `translation-tab-delimited`, two records each; returns the output directory."""
    lines = [
        f"{english}\t{japanese}\tCC-BY 2.0 (France) Attribution: tatoeba.org #{number} (a) & #{number} (b)"
        for number, (english, japanese) in pairs.items()
    ]
    write_pairs(directory / "sources", lines)
    build_pairs(directory / "sources", directory / "out", [CONFIG], best_effort=True)
    return directory / "out"


def ids(*numbers: int) -> set[str]:
    """The ids of the records of some pairs."""
    return {f"tab_delimited:{template}:{number}-{number}" for number in numbers for template in ("ja-en", "en-ja")}


def side(directory: Path, records: Mapping[str, Sequence[str]], files: int) -> Side:
    """Writes records into Parquet files, and takes them as one side of a comparison.

    Args:
        directory: for the files.
        records: instruction, input and output by id.
        files: number of files, some of them empty where there are few records.
    """
    directory.mkdir()
    rows = [dict(zip(COLUMNS, (*texts, key, "source", "task", "MIT"), strict=True)) for key, texts in records.items()]
    size = -(-len(rows) // files)
    shards = []
    for number in range(files):
        part = pa.Table.from_pylist(rows[number * size : (number + 1) * size], SCHEMA)
        pq.write_table(part, directory / f"{number}.parquet", store_schema=False)
        shards.append(replace(output_file(directory, f"{number}.parquet"), rows=part.num_rows))
    entry = CleanConfig("source", "MIT", len(rows), {"task": len(rows)}, {}, {}, 0, {}, tuple(shards), ())
    return Side(Dataset(str(directory), directory, Report(), lambda files: None), entry)
