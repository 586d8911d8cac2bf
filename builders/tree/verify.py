"""Re-checks a built dataset against its own report: every byte, every count, every id; files are read on all cores."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from builders import catalogue, layout
from builders.files import lies_in, sha256
from builders.schema import SCHEMA
from builders.tree import report
from builders.tree.hashes import Hashes, hash_texts, repeated
from builders.tree.reader import UNREADABLE
from builders.tree.report import CleanConfig, CleanReport, ConfigReport, OutputFile, Report, Stored


def verify(directory: Path, progress: Callable[[str], None] = lambda config: None) -> list[str]:
    """Checks a dataset that `builders.build` wrote.

    Args:
        directory: the output directory.
        progress: called with each task config's name before it is read.

    Returns:
        What is wrong, a line each; empty for a sound dataset. Each line names the file and what to expect.

    Raises:
        BuildError: there is no report to check against, or none that can be true.
    """
    content = report.load(directory)
    problems = verify_built(content, directory, progress)
    problems += _strays(content, directory, "*/*/*.parquet")
    if content.clean:
        problems += _wrong_edition(content, content.clean, directory, progress)
    problems += _damaged([*content.chat, *content.documents.values()], directory)
    return problems


def verify_built(content: Report, directory: Path, progress: Callable[[str], None] = lambda config: None) -> list[str]:
    """As `verify`, without the curated edition and the documents: what a curated edition is made from."""
    problems = list(_strays(content, directory, "*/*.parquet"))
    for name, config in content.configs.items():
        progress(name)
        damaged = list(_damaged(config.output_files, directory))
        problems += damaged or _wrong_content(name, config, directory)
    return problems


def _strays(content: Report, directory: Path, pattern: str) -> Iterator[str]:
    """Parquet files that no report names: a reader's glob would load them."""
    known = {file.path for file in content.output_files}
    for path in sorted(directory.glob(pattern)):
        relative = path.relative_to(directory).as_posix()
        if relative not in known and not relative.startswith("."):
            yield f"{relative}: the report does not name this file; take it away, or build again"


def _wrong_edition(
    content: Report, edition: CleanReport, directory: Path, progress: Callable[[str], None]
) -> Iterator[str]:
    """What is wrong with the curated edition and its marks."""
    if edition.built != content.built_digest:
        yield f"{layout.MARKS}/: the marks are those of another build; make them again: python -m builders clean DIR"
        return
    for name, config in edition.configs.items():
        progress(f"{layout.CLEAN}/{name}")
        damaged = list(_damaged(config.output_files, directory))
        yield from damaged or _wrong_records(f"{layout.CLEAN}/{name}", config, directory)
        if not damaged:
            yield from _wrong_marks(name, content.configs[name], config)


def _wrong_marks(name: str, built: ConfigReport, clean: CleanConfig) -> Iterator[str]:
    """Marks stand row for row with the records: a file for each file, of the same number of rows."""
    wanted = [(layout.marks_path(shard.path), shard.rows) for shard in built.shards]
    if [(file.path, file.rows) for file in clean.marks] != wanted or clean.records_read != built.records:
        yield f"{layout.MARKS}/{name}: the marks are not row for row those of the records; make them again"


def _damaged(files: Iterable[OutputFile], directory: Path) -> Iterator[str]:
    with ThreadPoolExecutor() as pool:
        yield from filter(None, pool.map(lambda file: _damage(file, directory), files))


def _damage(file: OutputFile, directory: Path) -> str:
    path = directory / file.path
    try:
        if not path.is_file():
            return f"{file.path}: missing; build again"
        if not lies_in(path, directory):
            return f"{file.path}: a link leads out of the directory to it; take the link away, and build again"
        if path.stat().st_size != file.bytes:
            return f"{file.path}: {path.stat().st_size:,} bytes instead of {file.bytes:,}; build again"
        if sha256(path) != file.sha256:
            return f"{file.path}: the content changed (its sha256 is not the report's); build again"
    except OSError as error:
        return f"{file.path}: cannot be read ({error.strerror}); make it readable"
    return ""


def _wrong_content(name: str, config: ConfigReport, directory: Path) -> Iterator[str]:
    """Compares files that are byte for byte those of the report with what the report says of them."""
    yield from _wrong_records(name, config, directory)
    if sum(config.rejected.values()) != config.rejected_rows.rows:
        yield f"{config.rejected_rows.path}: {config.rejected_rows.rows:,} rejected rows, but the reasons count others"


def _wrong_records(name: str, config: Stored, directory: Path) -> Iterator[str]:
    try:
        yield from _wrong_tables(name, config, directory)
    except _Unreadable as error:
        yield str(error)


def _wrong_tables(name: str, config: Stored, directory: Path) -> Iterator[str]:
    total = 0
    for shard in config.shards:
        with _opened(shard, directory) as file:
            if not file.schema_arrow.equals(SCHEMA):
                yield f"{shard.path}: columns {_columns(file.schema_arrow)} instead of {_columns(SCHEMA)}"
                return
            if file.metadata.num_rows != shard.rows:
                yield f"{shard.path}: {file.metadata.num_rows:,} rows instead of {shard.rows:,}"
            yield from _wrong_origin(name, config, shard, file.metadata)
            total += file.metadata.num_rows
    if total != config.records:
        yield f"{name}: {total:,} records instead of the report's {config.records:,}"
    with ThreadPoolExecutor() as pool:
        hashes = list(pool.map(lambda shard: _ids(shard, directory), config.shards))
    yield from _repeated_ids(name, hashes, config.shards, directory)


class _Unreadable(Exception):
    """A file whose bytes are those of the report, and no Parquet all the same; says which."""


@contextmanager
def _opened(shard: OutputFile, directory: Path) -> Iterator[pq.ParquetFile]:
    """A Parquet file; whatever cannot be read of it is an `_Unreadable`."""
    try:
        with pq.ParquetFile(directory / shard.path) as file:
            yield file
    except UNREADABLE as error:
        reason = str(error).splitlines()[0]
        raise _Unreadable(
            f"{shard.path}: cannot be read as Parquet ({reason}); take it away, and build again"
        ) from error


def _ids(shard: OutputFile, directory: Path) -> Hashes:
    """A number for the id of each record of a file."""
    with _opened(shard, directory) as file:
        batches = file.iter_batches(columns=["id"])
        return np.concatenate([np.empty(0, np.uint64), *(hash_texts(batch.column("id")) for batch in batches)])


def _wrong_origin(name: str, config: Stored, shard: OutputFile, metadata: pq.FileMetaData) -> Iterator[str]:
    """Compares source and license with the catalogue's, by the statistics of the columns: report and data may agree
    and be wrong together."""
    task = name.removeprefix(f"{layout.CLEAN}/")
    if task not in catalogue.TASK_CONFIGS:
        return
    corpus, _ = catalogue.TASK_CONFIGS[task]
    if (config.corpus, config.license) != (corpus.name, corpus.license.id):
        yield f"{name}: the report says {config.corpus} under {config.license}, not {corpus.name} under {corpus.license.id}"
    for column, value in (("source", corpus.name), ("license", corpus.license.id)):
        index = SCHEMA.get_field_index(column)
        groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
        statistics = [group.column(index).statistics for group in groups if group.num_rows]
        known = [one for one in statistics if one is not None and one.has_min_max]
        found = {text for one in known for text in (one.min, one.max)}
        if len(known) < len(statistics):
            yield f'{shard.path}: it is not known what the column "{column}" holds; take the file away, and build again'
        if not found <= {value}:
            yield f'{shard.path}: the column "{column}" holds {", ".join(sorted(found - {value}))} instead of {value}'


def _columns(schema: pa.Schema) -> str:
    return ", ".join(f"{field.name}: {field.type}" for field in schema)


def _repeated_ids(name: str, hashes: list[Hashes], shards: Sequence[OutputFile], directory: Path) -> Iterator[str]:
    """Ids are compared by 64-bit hashes (8 bytes a record in memory); equal hashes are looked up before they count."""
    values = np.sort(np.concatenate(hashes)) if hashes else np.empty(0, np.uint64)
    suspected = repeated(values)
    if not suspected.size:
        return
    counts: Counter[str] = Counter()
    for shard in shards:
        with _opened(shard, directory) as file:
            for batch in file.iter_batches(columns=["id"]):
                ids = batch.column("id")
                counts.update(ids.filter(pa.array(np.isin(hash_texts(ids), suspected))).to_pylist())
    twice = sorted(key for key, count in counts.items() if count > 1)
    if twice:
        yield f"{name}: {len(twice):,} ids stand twice, for instance {twice[0]}"
