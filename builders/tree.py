"""Reading a built tree: which configs are in it, and their records, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from builders import catalogue, lengths
from builders.errors import BuildError

ROWS_PER_BATCH = 65_536


@dataclass(frozen=True)
class Config:
    """A config that a tree holds, wholly or in part.

    Args:
        name: as in `load_dataset(..., name)`.
        leaves: the report's entries of its leaves that have records, by leaf.
        missing: its leaves that have none in this tree.
    """

    name: str
    leaves: Mapping[str, dict]
    missing: tuple[str, ...]

    @property
    def records(self) -> int:
        """Number of records."""
        return sum(entry["records"] for entry in self.leaves.values())

    @property
    def plain_bytes(self) -> int:
        """Size as plain Arrow strings."""
        return sum(entry["plain_bytes"] for entry in self.leaves.values())

    @property
    def file_bytes(self) -> int:
        """Size of the Parquet files."""
        return sum(shard["bytes"] for entry in self.leaves.values() for shard in entry["shards"])

    @property
    def characters(self) -> dict[str, dict]:
        """How long the texts are, as `builders.lengths` counts it."""
        return lengths.add(entry["characters"] for entry in self.leaves.values())

    @property
    def licences(self) -> list[str]:
        """Identifiers of the licences of its records, sorted."""
        return sorted({entry["licence"] for entry in self.leaves.values()})


def configs(report: dict) -> dict[str, Config]:
    """The configs of which at least one leaf has records, in the catalogue's order."""
    built = {name: entry for name, entry in report["leaves"].items() if entry["shards"]}
    found = {}
    for name, leaves in catalogue.CONFIGS.items():
        present = {leaf: built[leaf] for leaf in leaves if leaf in built}
        if present:
            found[name] = Config(name, present, tuple(leaf for leaf in leaves if leaf not in built))
    return found


def config_named(name: str, report: dict, directory: Path) -> Config:
    """A config of a tree.

    Raises:
        BuildError: there is no such config, or the tree holds nothing of it.
    """
    catalogue.leaves_of([name])
    found = configs(report)
    if name not in found:
        raise BuildError(
            f'{directory} holds no records of "{name}". It holds: {", ".join(found) or "nothing"}.',
            f"Build it: python -m builders build {name} --out {directory}",
        )
    return found[name]


def batches(directory: Path, entry: dict, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Records of one leaf, in order; memory is bounded by one row group.

    Args:
        directory: the tree.
        entry: the leaf's entry of the report.
        columns: the columns to read; `instruction` comes dictionary-encoded, as most leaves have few of them.

    Raises:
        BuildError: a Parquet file is missing or damaged.
    """
    for shard in entry["shards"]:
        path = directory / shard["path"]
        try:
            with pq.ParquetFile(path, read_dictionary=["instruction"]) as file:
                yield from file.iter_batches(ROWS_PER_BATCH, columns=list(columns))
        except (OSError, pa.ArrowException) as error:
            raise BuildError(
                f"{path} cannot be read: {error}", f"Find out what is damaged: python -m builders verify {directory}"
            ) from error
