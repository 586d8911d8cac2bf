"""Reading a built dataset: which configs are in it, and their records, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from builders import catalogue
from builders.errors import BuildError
from builders.schema import SCHEMA
from builders.tree import lengths
from builders.tree.lengths import Lengths
from builders.tree.report import CleanConfig, ConfigReport, Report, Stored

ROWS_PER_BATCH = 65_536


@dataclass(frozen=True)
class BuiltConfig:
    """A config that a built dataset holds, wholly or in part.

    Args:
        name: as in `load_dataset(..., name)`.
        tasks: the report's entries of its task configs that have records, by name.
        missing: its task configs that have none here.
    """

    name: str
    tasks: Mapping[str, Stored]
    missing: tuple[str, ...]

    @property
    def records(self) -> int:
        """Number of records."""
        return sum(task.records for task in self.tasks.values())

    @property
    def plain_bytes(self) -> int:
        """Size as plain Arrow strings."""
        return sum(task.plain_bytes for task in self.tasks.values())

    @property
    def file_bytes(self) -> int:
        """Size of the Parquet files."""
        return sum(shard.bytes for task in self.tasks.values() for shard in task.shards)

    @property
    def characters(self) -> dict[str, Lengths]:
        """How long the texts are, by column."""
        return lengths.add(task.characters for task in self.tasks.values())

    @property
    def licenses(self) -> list[str]:
        """Identifiers of the licenses of its records, sorted."""
        return sorted({task.license for task in self.tasks.values()})


def configs(report: Report) -> dict[str, BuiltConfig]:
    """The configs of which at least one task config has records, in the catalogue's order."""
    return _present(catalogue.CONFIGS, report.built)


def clean_configs(report: Report) -> dict[str, BuiltConfig]:
    """The groups of the curated edition that have records; none where the dataset has no such edition."""
    tasks = report.clean.configs if report.clean else {}
    return _present(catalogue.CLEAN_GROUPS, {name: task for name, task in tasks.items() if task.shards})


def all_configs(report: Report) -> dict[str, BuiltConfig]:
    """As `configs`, with the groups of the curated edition behind them."""
    return configs(report) | clean_configs(report)


def _present(
    groups: Mapping[str, Sequence[str]], tasks: Mapping[str, ConfigReport] | Mapping[str, CleanConfig]
) -> dict[str, BuiltConfig]:
    found = {}
    for name, members in groups.items():
        present = {member: tasks[member] for member in members if member in tasks}
        if present:
            found[name] = BuiltConfig(name, present, tuple(member for member in members if member not in tasks))
    return found


def config_named(name: str, report: Report, directory: Path) -> BuiltConfig:
    """A config of a built dataset.

    Raises:
        BuildError: there is no such config, or the dataset holds nothing of it.
    """
    found = all_configs(report)
    if name in catalogue.CLEAN_GROUPS and name not in found:
        raise BuildError(
            f'{directory} has no curated edition with records of "{name}".',
            f"Make it: python -m builders clean {directory}",
        )
    if name not in found:
        catalogue.task_configs_of([name])
    if name not in found:
        raise BuildError(
            f'{directory} holds no records of "{name}". It holds: {", ".join(found) or "nothing"}.',
            f"Build it: python -m builders build {name} --out {directory}",
        )
    return found[name]


def batches(directory: Path, config: Stored, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Records of one task config, in order; memory is bounded by one row group.

    Args:
        directory: the output directory.
        config: the task config's entry of the report, or the curated edition's.
        columns: the columns to read; `instruction` comes dictionary-encoded, as most configs have few of them.

    Raises:
        BuildError: a Parquet file is missing or damaged.
    """
    for shard in config.shards:
        path = directory / shard.path
        try:
            with pq.ParquetFile(path, read_dictionary=["instruction"]) as file:
                if file.schema_arrow.names != SCHEMA.names:
                    raise pa.ArrowInvalid(f"its columns are {', '.join(file.schema_arrow.names)}")
                yield from file.iter_batches(ROWS_PER_BATCH, columns=list(columns))
        except (OSError, pa.ArrowException) as error:
            raise BuildError(
                f"{path} cannot be read: {error}", f"Find out what is damaged: python -m builders verify {directory}"
            ) from error
