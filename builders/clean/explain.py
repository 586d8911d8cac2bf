"""All that is known of one record: the raw row and its file, the template, the record, its marks, and what decided.

The record is made anew from the raw bytes, where they are at hand, and compared with the one that was built.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from builders import catalogue
from builders.build import patches
from builders.build.plan import Obtain
from builders.build.records import make_records
from builders.corpus import Corpus, Part, Template
from builders.download import SourceFile
from builders.errors import BuildError, FormatError
from builders.rows import KEY, RejectedRow
from builders.schema import SCHEMA
from builders.tree import reader, rejected
from builders.tree.rejected import Rejected
from builders.tree.report import RawFile, Report

DECIDING = ("id", "dropped_by", "repairs", "representative")
"""The columns of the marks that tell what became of a record."""


@dataclass(frozen=True)
class RawRow:
    """A raw row as it was found in the raw files.

    Args:
        part: the part of the corpus that it was read from.
        files: the files of the part.
        number: of the row among those of its record type in the part, from 1.
        cells: by column.
        corrections: by name of the corrections that are meant for it: column, what became of it, and its reason.
        record: made from it, and from nothing else; None where the template gives none.
    """

    part: str
    files: tuple[SourceFile, ...]
    number: int
    cells: Mapping[str, str]
    corrections: Mapping[str, str]
    record: Mapping[str, str] | None


@dataclass(frozen=True)
class Explanation:
    """What is known of a record or of a rejected row.

    Args:
        id: the record's, or the place of the rejected row.
        config: the task config.
        corpus: name of its corpus.
        template: that made it; None for a rejected row.
        raw_files: of the task config, as the report has them.
        record: as it was built; None for a rejected row.
        rejected: place, reason and text of a rejected row, as `rejected/` has it.
        raw: the raw row; None where the raw files are not at hand.
        marks: by column; empty where there is no curated edition.
        decided: what became of it, in words.
        notes: what differs, or could not be looked at, in words.
    """

    id: str
    config: str
    corpus: str
    template: Template | None
    raw_files: tuple[RawFile, ...]
    record: Mapping[str, str] | None = None
    rejected: Mapping[str, str] | None = None
    raw: RawRow | None = None
    marks: Mapping[str, Any] = field(default_factory=dict)
    decided: str = ""
    notes: tuple[str, ...] = ()

    @property
    def rebuilt(self) -> bool | None:
        """Whether the record made anew from the raw bytes is the one that was built; None where none was made."""
        return None if self.raw is None or self.record is None else self.raw.record == self.record


def explain(name: str, directory: Path, content: Report, obtain: Obtain | None = None) -> Explanation:
    """Explains a record or a rejected row.

    Args:
        name: id of a record; or of a rejected row its place, its key, or the id that it would have.
        directory: the output directory.
        content: its report, with configs that the catalogue knows.
        obtain: hands over a corpus's raw files; None where they are not at hand.

    Raises:
        BuildError: there is no such record or row; marks of another build; a file of the dataset cannot be read, or the
            raw files cannot be had.
    """
    if content.clean and content.clean.built != content.built_digest:
        raise _other_marks(directory)
    for config, (corpus, template) in _candidates(name, content).items():
        if place := _find(directory, content, config, name):
            return _of_record(name, directory, content, config, corpus, template, *place, obtain)
    for config, entry in content.configs.items():
        if row := next((row for row in rejected.rows(directory, entry) if _is_named(row, name)), None):
            return _of_rejected(config, row, content, obtain)
    raise BuildError(
        f'{directory} holds no record and no rejected row "{name}".',
        "An id is <source>:<task>:<key of the raw row>, as in the column id; a rejected row is named by its place, as in "
        f"{directory}/rejected/.",
    )


def _candidates(name: str, content: Report) -> dict[str, tuple[Corpus, Template]]:
    """The task configs that may hold an id, with the template that it names."""
    source, _, rest = name.partition(":")
    found = {}
    for config in content.configs:
        corpus, task = catalogue.TASK_CONFIGS[config]
        templates = {template.name: template for template in task.templates}
        if corpus.name == source and rest.partition(":")[0] in templates:
            found[config] = (corpus, templates[rest.partition(":")[0]])
    return found


def _other_marks(directory: Path) -> BuildError:
    return BuildError(f"The marks in {directory} are those of another build.", reader.marks_again(directory))


def _find(directory: Path, content: Report, config: str, name: str) -> tuple[int, int] | None:
    """Number of the file that holds a record, and of its row."""
    for number, shard in enumerate(content.configs[config].shards):
        with reader.opened(directory / shard.path, SCHEMA.names, reader.what_is_damaged(directory)) as file:
            row = pc.index(file.read(columns=["id"]).column("id"), pa.scalar(name)).as_py()
        if row >= 0:
            return number, row
    return None


def _row_of(path: Path, columns: Sequence[str], row: int, next_step: str) -> dict[str, Any]:
    """One row of a Parquet file; only its row group is read."""
    with reader.opened(path, columns, next_step) as file:
        for group in range(file.num_row_groups):
            count = file.metadata.row_group(group).num_rows
            if row < count:
                found: dict[str, Any] = file.read_row_group(group).slice(row, 1).to_pylist()[0]
                return found
            row -= count
        raise pa.ArrowInvalid("it has too few rows")


def _marks(name: str, directory: Path, content: Report, config: str, file: int, row: int) -> dict[str, Any]:
    """The marks of a record; empty where there is no curated edition."""
    if not content.clean:
        return {}
    edition = content.clean.configs.get(config)
    if edition is None or file >= len(edition.marks):
        raise _other_marks(directory)
    marks = _row_of(directory / edition.marks[file].path, DECIDING, row, reader.marks_again(directory))
    if marks["id"] != name or marks["dropped_by"] not in ("", *content.clean.rules):
        raise _other_marks(directory)
    return marks


def _of_record(
    name: str,
    directory: Path,
    content: Report,
    config: str,
    corpus: Corpus,
    template: Template,
    file: int,
    row: int,
    obtain: Obtain | None,
) -> Explanation:
    entry = content.configs[config]
    marks = _marks(name, directory, content, config, file, row)
    path, key = directory / entry.shards[file].path, name.split(":", 2)[-1]
    raw, notes = _raw_row(corpus, template, key, entry.files, obtain)
    return Explanation(
        id=name,
        config=config,
        corpus=corpus.name,
        template=template,
        raw_files=entry.files,
        record=_row_of(path, SCHEMA.names, row, reader.what_is_damaged(directory)),
        raw=raw,
        marks=marks,
        decided=_decided(content, marks),
        notes=notes,
    )


def _decided(content: Report, marks: Mapping[str, Any]) -> str:
    if not content.clean:
        return "It is a record; there is no curated edition."
    by = marks["dropped_by"]
    if not by:
        return "It is in the curated edition" + (", repaired." if marks["repairs"] else ", as it was built.")
    rule = content.clean.rules[by]
    instead = f" {marks['representative']} stays in its place." if marks["representative"] else ""
    return f"It is not in the curated edition: {by}. {rule.reason}{instead}"


def _is_named(row: Rejected, name: str) -> bool:
    """Whether a name is the row's place, its key, or the id that its record would have."""
    key = name.split(":", 2)[-1]
    return row.place in (name, key) or row.place.endswith((f" {key}", f" {key.replace('-', ' ')}"))


def _of_rejected(config: str, row: Rejected, content: Report, obtain: Obtain | None) -> Explanation:
    corpus, _ = catalogue.TASK_CONFIGS[config]
    entry = content.configs[config]
    notes = _rejected_again(corpus, row, entry.files, obtain) if obtain is not None else ()
    return Explanation(
        id=row.place,
        config=config,
        corpus=corpus.name,
        template=None,
        raw_files=entry.files,
        rejected=asdict(row),
        decided=f"It is no record: {row.reason}.",
        notes=notes,
    )


def _rejected_again(corpus: Corpus, row: Rejected, known: Sequence[RawFile], obtain: Obtain) -> tuple[str, ...]:
    """Reads the raw files until the same row is rejected again."""
    files = obtain(corpus)

    def is_it(rejected: RejectedRow) -> bool:
        return (rejected.place, rejected.reason) == (row.place, row.reason)

    found = any(is_it(rejected) for _, rows in _rows(corpus, files) for rejected in rows.rejected)
    word = "is rejected again, for the same reason" if found else "is not rejected by reading alone"
    return (f"Read anew from the raw files, the row {word}.", *_other_files(files, known))


def _rows(corpus: Corpus, files: Sequence[SourceFile]) -> Iterator[tuple[Part, Any]]:
    paths = {file.name: file.path for file in files if file.path is not None}
    try:
        for part in corpus.split(paths) if paths else []:
            for rows in corpus.read(part):
                yield part, rows
    except FormatError as error:
        raise BuildError(f"{corpus.name}: {error}", "Replace the raw file by a fresh copy.") from error


def _raw_row(
    corpus: Corpus, template: Template, key: str, known: Sequence[RawFile], obtain: Obtain | None
) -> tuple[RawRow | None, tuple[str, ...]]:
    """The raw row with a key, and what is to be said of the raw files."""
    if obtain is None:
        return None, ("The raw files were not looked at: name them with --sources DIR.",)
    files = obtain(corpus)
    notes = tuple(_other_files(files, known))
    counts: dict[str, int] = {}
    for part, rows in _rows(corpus, files):
        if rows.record_type != template.record_type:
            continue
        row = pc.index(rows.batch.column(KEY), pa.scalar(key)).as_py()
        if row >= 0:
            number = counts.get(part.name, 0) + row + 1
            own = tuple(file for file in files if file.name in part.files)
            return _made(corpus, template, rows, row, part.name, own, number), notes
        counts[part.name] = counts.get(part.name, 0) + rows.batch.num_rows
    return None, (*notes, f"The raw files hold no row with the key {key}.")


def _made(
    corpus: Corpus, template: Template, rows: Any, row: int, part: str, files: tuple[SourceFile, ...], number: int
) -> RawRow:
    """The row, and the record that is made from it alone."""
    task = next(task for task in corpus.tasks if template in task.templates)
    alone = type(rows)(rows.batch.slice(row, 1), (), rows.record_type)
    cells = alone.batch.to_pylist()[0]
    corrected, outcomes = patches.apply(alone, corpus.name)
    corrections = {
        patch.name: f"{patch.column}, {outcomes[patch.name]}: {patch.reason}"
        for patch in patches.PATCHES.get(corpus.name, ())
        if patch.name in outcomes
    }
    records = {one.name: batch for one, batch, _ in make_records(corrected, corpus, task)}
    made = records[template.name].cast(SCHEMA).to_pylist()
    return RawRow(part, files, number, cells, corrections, made[0] if made else None)


def _other_files(files: Sequence[SourceFile], known: Sequence[RawFile]) -> Iterator[str]:
    """Says which raw files are not the ones that the dataset was built from."""
    built = {file.name: file.sha256 for file in known}
    for file in files:
        if file.name not in built:
            yield f"{file.name} had no part in this build."
        elif file.sha256 != built[file.name]:
            yield f"{file.name} is not the file that was built from: its sha256 is {file.sha256}, not {built[file.name]}."
