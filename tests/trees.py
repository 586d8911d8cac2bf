"""Built trees for tests: from the invented samples, and editions of one that differ in every record."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from builders import build, download, infos, report
from builders.card.header import front_matter
from builders.commands.options import SAMPLES
from builders.records import SCHEMA


def sample_tree(directory: Path, configs: Sequence[str]) -> dict:
    """Builds configs from the samples and returns the report."""
    leaves = build.plan(configs, partial(download.obtain, sources=SAMPLES))
    return build.run(leaves, directory, workers=1)


def edition(tree: Path, directory: Path, version: str, shards: int = 1) -> Path:
    """A sound tree like another, as a later version of the dataset would be.

    Args:
        tree: a built tree.
        directory: of the new tree.
        version: of the new tree; every record's output becomes `edition VERSION`.
        shards: number of Parquet files of each leaf; each file more takes one record more away, so that no edition's
            card fits another edition's data.

    Returns:
        `directory`.
    """
    content = report.read(tree) | {"version": version}
    shutil.copytree(tree, directory)
    for leaf, entry in content["leaves"].items():
        old = [directory / shard["path"] for shard in entry["shards"]]
        records = pa.concat_tables([pq.read_table(path) for path in old])
        for path in old:
            path.unlink()
        records = records.slice(shards - 1)
        outputs = pa.array([f"edition {version}"] * records.num_rows)
        records = records.set_column(SCHEMA.get_field_index("output"), SCHEMA.field("output"), outputs)
        entry["shards"] = _write(records, directory, leaf, shards)
        template = next(iter(entry["templates"]))
        entry |= {"records": records.num_rows, "templates": {template: records.num_rows}}
    (directory / "README.md").write_text(front_matter(content), encoding="utf-8")
    (directory / infos.NAME).write_bytes(infos.to_json(infos.of_tree(content)))
    for name in ("README.md", infos.NAME):
        content["documents"][name] = _entry(directory, name)
    report.write(directory, content)
    return directory


def _write(records: pa.Table, directory: Path, leaf: str, shards: int) -> list[dict]:
    rows = -(-records.num_rows // shards)
    entries = []
    for number in range(shards):
        path = f"{leaf}/train-{number:05d}-of-{shards:05d}.parquet"
        part = records.slice(number * rows, rows)
        pq.write_table(part, directory / path, store_schema=False)
        entries.append(_entry(directory, path) | {"rows": part.num_rows})
    return entries


def _entry(directory: Path, path: str) -> dict:
    file = directory / path
    return {"path": path, "bytes": file.stat().st_size, "sha256": report.sha256(file)}
