"""Re-checks a built tree against its own report: every byte, every count, every id."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from builders import report
from builders.records import SCHEMA


def verify(directory: Path, progress: Callable[[str], None] = lambda leaf: None) -> list[str]:
    """Checks a tree that `builders.build` wrote.

    Args:
        directory: the tree.
        progress: called with each leaf's name before it is read.

    Returns:
        What is wrong, a line each; empty for a sound tree. Each line names the file and what to expect.

    Raises:
        BuildError: there is no report to check against.
    """
    content = report.read(directory)
    problems = list(_strays(content, directory))
    for name, entry in content["leaves"].items():
        progress(name)
        sound = list(_damaged(entry["shards"] + [entry["rejected"]], directory))
        problems += sound or _wrong_content(name, entry, directory)
    problems += _damaged(list(content["documents"].values()), directory)
    return problems


def _strays(content: dict, directory: Path) -> Iterator[str]:
    """Parquet files that no report names: a reader's glob would load them."""
    known = {shard["path"] for entry in content["leaves"].values() for shard in entry["shards"]}
    for path in sorted(directory.glob("*/*.parquet")):
        relative = path.relative_to(directory).as_posix()
        if relative not in known and not relative.startswith("."):
            yield f"{relative}: the report does not name this file; take it away, or build again"


def _damaged(files: list[dict], directory: Path) -> Iterator[str]:
    for file in files:
        path = directory / file["path"]
        if not path.is_file():
            yield f"{file['path']}: missing; build again"
        elif path.stat().st_size != file["bytes"]:
            yield f"{file['path']}: {path.stat().st_size:,} bytes instead of {file['bytes']:,}; build again"
        elif report.sha256(path) != file["sha256"]:
            yield f"{file['path']}: the content changed (its sha256 is not the report's); build again"


def _wrong_content(leaf: str, entry: dict, directory: Path) -> Iterator[str]:
    """Compares files that are byte for byte those of the report with what the report says of them."""
    total, hashes = 0, []
    for shard in entry["shards"]:
        file = pq.ParquetFile(directory / shard["path"])
        if not file.schema_arrow.equals(SCHEMA):
            yield f"{shard['path']}: columns {_columns(file.schema_arrow)} instead of {_columns(SCHEMA)}"
            return
        if file.metadata.num_rows != shard["rows"]:
            yield f"{shard['path']}: {file.metadata.num_rows:,} rows instead of {shard['rows']:,}"
        total += file.metadata.num_rows
        for batch in file.iter_batches(columns=["id"]):
            hashes.append(pl.Series(batch.column("id")).hash().to_numpy())
    if total != entry["records"] or total != sum(entry["templates"].values()):
        yield f"{leaf}: {total:,} records instead of the report's {entry['records']:,}"
    if sum(entry["rejects"].values()) != entry["rejected"]["rows"]:
        yield f"{entry['rejected']['path']}: {entry['rejected']['rows']:,} rejects, but the reasons count others"
    yield from _repeated_ids(leaf, hashes, entry["shards"], directory)


def _columns(schema: pa.Schema) -> str:
    return ", ".join(f"{field.name}: {field.type}" for field in schema)


def _repeated_ids(leaf: str, hashes: list[np.ndarray], shards: list[dict], directory: Path) -> Iterator[str]:
    """Ids are compared by 64-bit hashes (8 bytes a record in memory); equal hashes are looked up before they count."""
    values = np.sort(np.concatenate(hashes)) if hashes else np.empty(0, np.uint64)
    repeated = np.unique(values[1:][values[1:] == values[:-1]])
    if not repeated.size:
        return
    suspects: list[str] = []
    for shard in shards:
        for batch in pq.ParquetFile(directory / shard["path"]).iter_batches(columns=["id"]):
            ids = pl.Series(batch.column("id"))
            suspects += ids.filter(pl.Series(np.isin(ids.hash().to_numpy(), repeated))).to_list()
    twice = sorted({name for name in suspects if suspects.count(name) > 1})
    if twice:
        yield f"{leaf}: {len(twice):,} ids stand twice, for instance {twice[0]}"
