"""Reading a built dataset: which configs are in it, and their records, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
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
UNREADABLE = (OSError, pa.ArrowException, UnicodeDecodeError)
"""What pyarrow raises of a damaged Parquet file; the last of texts that are no UTF-8, in its footer too."""


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


@contextmanager
def opened(path: Path, columns: Sequence[str], next_step: str) -> Iterator[pq.ParquetFile]:
    """A Parquet file of a built dataset.

    Args:
        path: where it lies.
        columns: those that it must have.
        next_step: what a person can do if it cannot be read.

    Yields:
        The file; `instruction` comes dictionary-encoded, as most configs have few of them.

    Raises:
        BuildError: it is missing, damaged or without such a column, as it turns out when it is opened or while it is.
    """
    try:
        if not path.is_file():
            raise OSError("there is no such file")
        metadata = pq.read_metadata(path)
        names = metadata.schema.to_arrow_schema().names
        if any(names.count(name) != 1 for name in columns):
            raise pa.ArrowInvalid(f"its columns are {', '.join(names)}")
        coded = ["instruction"] if "instruction" in columns else []  # pyarrow fails on one that is not there
        with pq.ParquetFile(path, metadata=metadata, read_dictionary=coded) as file:
            yield file
    except UNREADABLE as error:
        raise BuildError(f"{path} cannot be read: {error}", next_step) from error


def what_is_damaged(directory: Path) -> str:
    """The next step where a file of a built dataset cannot be read."""
    return f"Find out what is damaged: python -m builders verify {directory}"


def marks_again(directory: Path) -> str:
    """The next step where the marks of a built dataset are missing, damaged, or those of another build."""
    return f"Make the marks again: python -m builders clean {directory}"


def batches(directory: Path, config: Stored, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Records of one task config, in order; memory is bounded by one row group.

    Args:
        directory: the output directory.
        config: the task config's entry of the report, or the curated edition's.
        columns: the columns to read (see `opened`).

    Raises:
        BuildError: a Parquet file is missing or damaged.
    """
    for shard in config.shards:
        with opened(directory / shard.path, SCHEMA.names, what_is_damaged(directory)) as file:
            if (names := file.schema_arrow.names) != SCHEMA.names:
                raise pa.ArrowInvalid(f"its columns are {', '.join(names)}")
            yield from file.iter_batches(ROWS_PER_BATCH, columns=list(columns))
