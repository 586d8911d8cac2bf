"""Records of a built dataset, read by DuckDB from the Parquet files, one file at a time and no further than asked for.

A file holds at most 200,000 records (`builders.build.parquet`), so a page from any place in the dataset costs the
reading of one file; a search stops as soon as a page is full.
"""

from __future__ import annotations

import glob
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from builders import layout
from builders.browse import marks
from builders.browse.selection import DROPPED, LONGEST, Selection, Shard, shards_of
from builders.schema import COLUMNS, TEXTS
from builders.tree.report import Report

PAGE = 25
"""Records on a page."""


@dataclass(frozen=True)
class Found:
    """A record, and where it stands.

    Args:
        number: counted through all files that can hold records of the selection, from 0.
        config: name of its task config.
        path: of its Parquet file, relative to the output directory.
        row: its number in the file, from 0.
        values: by column.
    """

    number: int
    config: str
    path: str
    row: int
    values: dict[str, str]


def connect(directory: Path) -> duckdb.DuckDBPyConnection:
    """A DuckDB that holds no data, and can read the files of one directory and nothing else.

    Args:
        directory: the output directory, as an absolute path.
    """
    connection = duckdb.connect(":memory:", config={"autoinstall_known_extensions": False})
    names = [f"{directory}/", f"{glob.escape(str(directory))}/"]  # the name as it is, and as `Records` writes it
    connection.execute("SET allowed_directories = [$1, $2]", names)
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


class Records:
    """The records of a built dataset.

    Args:
        directory: the output directory, as an absolute path.
        report: its report.
    """

    def __init__(self, directory: Path, report: Report):
        self._directory, self._report = directory, report
        self._connection = connect(directory)

    def page(self, selection: Selection, start: int, size: int = PAGE) -> list[Found]:
        """The first records of a selection from a place on.

        Args:
            selection: which records.
            start: number of the first record that is looked at (`Found.number`).
            size: number of records that are enough.

        Raises:
            duckdb.Error: a file cannot be read.
        """
        found: list[Found] = []
        for shard in shards_of(selection, self._report):
            if shard.start + shard.rows > start and len(found) < size:
                found += self._read(shard, selection, max(start - shard.start, 0), size - len(found))
        return found

    def counts(self, selection: Selection) -> dict[str, int]:
        """Number of records by task config, with all of its files read; configs without any are left out."""
        counts: dict[str, int] = {}
        for shard in shards_of(selection, self._report):
            tables, condition, values = self._query(shard, selection)
            (count,) = self._rows(f"SELECT count(*) FROM {tables} WHERE {condition}", values)[0]
            if count:
                counts[shard.config] = counts.get(shard.config, 0) + count
        return counts

    def named(self, record_id: str) -> Found | None:
        """The record with an id; None where there is none. An id begins with source and task, and so names its files."""
        parts = record_id.split(":", 2)
        if len(parts) < 3:
            return None
        selection = Selection(source=parts[0], task=parts[1])
        for shard in shards_of(selection, self._report):
            for row in self._select("id = $2", [self._file(shard.path), record_id], 1):
                return self._found(shard, row)
        return None

    def siblings(self, record: Found) -> list[Found]:
        """The other records that are made from the same raw row, whatever their task."""
        source, task, key = record.values["id"].split(":", 2)
        tasks = {
            name: None
            for config in self._report.built.values()
            if config.corpus == source
            for name, count in config.templates.items()
            if count and name != task
        }
        found = (self.named(f"{source}:{name}:{key}") for name in tasks)
        return [sibling for sibling in found if sibling is not None]

    def marks_of(self, record: Found) -> dict[str, Any]:
        """What the curated edition says of a record; empty where there is none."""
        path = layout.marks_path(record.path)
        if not (self._directory / path).is_file():
            return {}
        query = "SELECT * EXCLUDE (id) FROM read_parquet($1, file_row_number = true) WHERE file_row_number = $2"
        with self._connection.cursor() as cursor:
            row = cursor.execute(query, [self._file(path), record.row]).fetchone() or ()
            names = [column[0] for column in cursor.description]
        return {name: value for name, value in zip(names, row, strict=False) if name != "file_row_number"}

    def rules(self) -> list[marks.RuleCount]:
        """How many records each rule of the curated edition hit, and how many it dropped; empty without marks."""
        files = [self._file(path) for path in marks.paths(self._directory, self._report)]
        return [marks.RuleCount(*row) for row in self._rows(marks.COUNT_RULES, [files])] if files else []

    @property
    def has_marks(self) -> bool:
        """Whether the directory holds a curated edition's marks."""
        return next(iter(marks.paths(self._directory, self._report)), None) is not None

    def _read(self, shard: Shard, selection: Selection, first: int, size: int) -> Iterator[Found]:
        tables, condition, values = self._query(shard, selection)
        columns = ", ".join(f"d.{name}" for name in COLUMNS)
        query = f"SELECT d.file_row_number, {columns} FROM {tables} WHERE {condition}"
        ordered = f"{query} AND d.file_row_number >= $first ORDER BY d.file_row_number LIMIT $size"
        for row in self._rows(ordered, values | {"first": first, "size": size}):
            yield self._found(shard, row)

    def _query(self, shard: Shard, selection: Selection) -> tuple[str, str, dict[str, Any]]:
        """Tables, condition and values of a query for the records of a file that belong to a selection."""
        tables = "read_parquet($file, file_row_number = true) d"
        values: dict[str, Any] = {"file": self._file(shard.path)}
        conditions = ["true"]
        if selection.task and len(self._report.configs[shard.config].templates) > 1:
            conditions.append("d.task = $task")
            values["task"] = selection.task
        if selection.q:
            conditions.append(f"({' OR '.join(_holds(name, selection.q) for name in TEXTS)})")
            values["q"] = selection.q.lower()
        if selection.column:
            conditions.append(f"length(d.{selection.column}) BETWEEN $least AND $most")
            values |= _lengths(selection)
        if selection.asks_for_marks:
            path = layout.marks_path(shard.path)
            if not (self._directory / path).is_file():
                return tables, "false", {"file": values["file"]}
            tables += " JOIN read_parquet($marks, file_row_number = true) m USING (file_row_number)"
            values["marks"] = self._file(path)
        if selection.rule:
            conditions.append("list_contains(string_split(m.rules, ' '), $rule)")
            values["rule"] = selection.rule
        if selection.edition:
            conditions.append("m.dropped_by <> ''" if selection.edition == DROPPED else "m.dropped_by = ''")
        return tables, " AND ".join(conditions), values

    def _select(self, condition: str, values: list[Any], size: int) -> list[tuple[Any, ...]]:
        columns = ", ".join(COLUMNS)
        query = f"SELECT file_row_number, {columns} FROM read_parquet($1, file_row_number = true) WHERE {condition}"
        return self._rows(f"{query} LIMIT {size}", values)

    def _rows(self, query: str, values: list[Any] | dict[str, Any]) -> list[tuple[Any, ...]]:
        """Runs a query of this module; all that comes from outside is among its bound values."""
        with self._connection.cursor() as cursor:
            return cursor.execute(query, values).fetchall()

    def _file(self, path: str) -> str:
        """The file as DuckDB wants it named: it takes `*`, `?` and `[` in a path for a pattern."""
        return glob.escape(str(self._directory / path))

    def _found(self, shard: Shard, row: tuple[Any, ...]) -> Found:
        number, *values = row
        return Found(shard.start + number, shard.config, shard.path, number, dict(zip(COLUMNS, values, strict=True)))


def _holds(column: str, text: str) -> str:
    """The condition that a column holds `$q`; texts without letters of two cases need no lower case, which takes long."""
    plain = text.lower() == text.upper()
    return f"contains(d.{column}, $q)" if plain else f"contains(lower(d.{column}), $q)"


def _lengths(selection: Selection) -> dict[str, int]:
    most = LONGEST if selection.most is None else selection.most
    return {"least": selection.least or 0, "most": most}
