"""One shard: the records that one part of a corpus gives to one leaf config, built by a pure function.

A shard is built in a directory of its own under a temporary name, flushed, and renamed when it is whole; so a
directory with a shard's name is a finished shard, whatever happened in between.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from builders import catalogue, lengths, patches
from builders.corpus import Corpus, Part
from builders.errors import BuildError, FormatError
from builders.records import COLUMNS, make_records, plain_size
from builders.rows import Reject

ROWS_PER_GROUP = 100_000
BYTES_PER_GROUP = 16 << 20
"""A row group ends at whichever of the two comes first (bytes in Arrow memory): the Hub's viewer wants under 100 MB."""
ROWS_PER_FILE = 200_000
BYTES_PER_FILE = 16 << 20
"""A Parquet file is closed when it has no room for another full row group, or at the first that reaches this size.

Readers that stream ask for 32 MiB at once whatever the row groups are (Arrow joins neighbouring column chunks up to
`pyarrow.CacheOptions.range_size_limit`), so what the first record costs is decided by the size of the first file. A
file below that limit is fetched whole at its first record; of a longer one Arrow's threads may still be fetching when a
program that wanted a few records ends, and that aborts the interpreter (apache/arrow issue 45214)."""
RAW_TEXT_KEPT = 500
"""Characters of a rejected row that are kept: enough to find it."""

# Columns worth a Parquet dictionary: those with few different values. The ids share long prefixes with their neighbours.
_DICTIONARY = ["instruction", "source", "task", "license"]
_PARQUET = {
    "compression": "snappy",
    "use_dictionary": _DICTIONARY,
    "column_encoding": {"id": "DELTA_BYTE_ARRAY"},
    "write_page_index": True,
    "use_content_defined_chunking": True,
    "store_schema": False,  # else readers would get dictionary columns instead of strings
}


@dataclass(frozen=True)
class Shard:
    """One piece of work.

    Args:
        config: the leaf.
        part: what is read.
        fingerprint: hex digest of all that decides the shard's bytes; a finished shard is used again if it is equal.
    """

    config: str
    part: Part
    fingerprint: str


@dataclass(frozen=True)
class ParquetFile:
    """One finished Parquet file: name, rows, bytes on disk, hex sha256."""

    name: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True)
class ShardResult:
    """What building a shard counted.

    Args:
        rows_read: raw rows met, by view.
        records: records written, by template.
        rejects: rows and records left out, by reason.
        patches: what became of the named corrections whose rows were met (see `builders.patches`).
        plain_bytes: size of the records as plain Arrow strings.
        characters: how long the texts are, as `builders.lengths` counts it.
        files: the Parquet files, in order.
    """

    rows_read: dict[str, int]
    records: dict[str, int]
    rejects: dict[str, int]
    patches: dict[str, str]
    plain_bytes: int
    characters: dict[str, dict]
    files: tuple[ParquetFile, ...]


@dataclass(frozen=True)
class Step:
    """Records and rejects of one step of reading, with the number of raw rows it took and the corrections met."""

    view: str
    rows_read: int
    records: dict[str, pa.RecordBatch]
    rejects: tuple[Reject, ...]
    patches: dict[str, str]


def steps(config: str, part: Part) -> Iterator[Step]:
    """Reads a part and makes the records of one leaf from it, a batch at a time.

    Raises:
        BuildError: a file of the part cannot be read; names the corpus, the file, the place, the reason.
    """
    corpus, task = catalogue.LEAVES[config]
    views = {template.view for template in task.templates}
    try:
        for rows in corpus.read(part):
            if rows.view not in views:
                continue
            rows, corrected = patches.apply(rows, corpus.name)
            records, rejects = {}, list(rows.rejects)
            for template, batch, blank in make_records(rows, corpus, task):
                records[template.name] = batch
                rejects.extend(blank)
            yield Step(rows.view, rows.batch.num_rows + len(rows.rejects), records, tuple(rejects), corrected)
    except FormatError as error:
        raise unreadable(corpus, part.files, error) from error
    except OSError as error:
        raise BuildError(
            f"{corpus.name}: {error}", "Make the file readable, then run the same command again."
        ) from error


def unreadable(corpus: Corpus, files: Mapping[str, Path], error: FormatError) -> BuildError:
    """What a build says of a raw file that cannot be read: where it lies and where a fresh copy comes from.

    Args:
        corpus: whose file it is.
        files: local paths by name, as a part has them; a dump's date filled in.
        error: the place and the reason.
    """
    origin = {}
    for file in corpus.files:
        pattern = re.escape(file.name).replace(re.escape("{date}"), r"(\w+)")
        for name in files:
            if found := re.fullmatch(pattern, name):
                origin[name] = file.url.replace("{date}", found[1] if found.groups() else "")
    lines = [f"{path} (from {origin.get(name, corpus.homepage)})" for name, path in files.items()]
    next_step = "Replace the raw file by a fresh copy, then run the same command again:\n  " + "\n  ".join(lines)
    return BuildError(f"{corpus.name}: {error}", next_step)


def build(shard: Shard, directory: Path, progress: Callable[[int], None]) -> ShardResult:
    """Builds one shard into `directory`, or takes the result of an earlier run that is there.

    Args:
        shard: what to build.
        directory: appears when the shard is whole, with `result.json`, `rejects.jsonl` and the Parquet files.
        progress: called with the number of records of each batch written.

    Raises:
        BuildError: as `steps`.
    """
    finished = directory / "result.json"
    if finished.is_file():
        return _load(finished)
    temporary = directory.with_name(f"{directory.name}.{os.getpid()}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    try:
        result = _write(shard, temporary, progress)
        _commit(temporary, directory)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return result


def _write(shard: Shard, directory: Path, progress: Callable[[int], None]) -> ShardResult:
    rows_read, counts, reasons, plain_bytes = Counter(), Counter(), Counter(), 0
    corrections, characters = {}, lengths.nothing()
    with ParquetFiles(directory) as parquet, open(directory / "rejects.jsonl", "wb") as rejected:
        for step in steps(shard.config, shard.part):
            rows_read[step.view] += step.rows_read
            corrections |= step.patches
            for template, records in step.records.items():
                counts[template] += records.num_rows
                plain_bytes += plain_size(records)
                parquet.write(records)
            characters = lengths.add([characters, lengths.count(*step.records.values())])
            for reject in step.rejects:
                reasons[reject.reason] += 1
                row = {"place": reject.place, "reason": reject.reason, "raw": reject.raw[:RAW_TEXT_KEPT]}
                rejected.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
            progress(sum(records.num_rows for records in step.records.values()))
    result = ShardResult(
        rows_read=dict(rows_read),
        records=dict(counts),
        rejects=dict(reasons),
        patches=corrections,
        plain_bytes=plain_bytes,
        characters=characters,
        files=tuple(parquet.files),
    )
    (directory / "result.json").write_bytes(orjson.dumps(asdict(result), option=orjson.OPT_INDENT_2))
    return result


def _commit(temporary: Path, directory: Path) -> None:
    """Flushes every file to the disk, then gives the directory its name."""
    for path in [*temporary.iterdir(), temporary]:
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)
    shutil.rmtree(directory, ignore_errors=True)
    os.rename(temporary, directory)


def _load(path: Path) -> ShardResult:
    fields = orjson.loads(path.read_bytes())
    fields["files"] = tuple(ParquetFile(**file) for file in fields["files"])
    return ShardResult(**fields)


class ParquetFiles:
    """Writes batches of records as `00000.parquet`, `00001.parquet`, ... in a directory; a context manager.

    The same batches give the same bytes. Memory is bounded by one row group.
    """

    def __init__(self, directory: Path):
        self.files: list[ParquetFile] = []
        self._directory = directory
        self._waiting: list[pa.RecordBatch] = []
        self._rows = self._bytes = 0
        self._writer: pq.ParquetWriter | None = None

    def __enter__(self) -> ParquetFiles:
        return self

    def __exit__(self, kind, error, trace) -> None:
        try:
            if error is None:
                self._flush()
                self._close()
        finally:
            if self._writer is not None:
                self._sink.close()

    def write(self, records: pa.RecordBatch) -> None:
        """Adds records; `instruction` and the provenance columns may be dictionary-encoded."""
        for start in range(0, records.num_rows, ROWS_PER_GROUP):
            self._add(records.slice(start, ROWS_PER_GROUP))

    def _add(self, records: pa.RecordBatch) -> None:
        if self._rows + records.num_rows > ROWS_PER_GROUP:
            self._flush()
        self._waiting.append(_uniform(records))
        self._rows += records.num_rows
        self._bytes += records.nbytes
        if self._rows >= ROWS_PER_GROUP or self._bytes >= BYTES_PER_GROUP:
            self._flush()

    def _flush(self) -> None:
        if not self._waiting:
            return
        if self._writer is None:
            self._open()
        self._writer.write_table(pa.Table.from_batches(self._waiting), row_group_size=self._rows)
        self._sink.require_written()
        self._rows_in_file += self._rows
        self._waiting, self._rows, self._bytes = [], 0, 0
        if self._rows_in_file + ROWS_PER_GROUP > ROWS_PER_FILE or self._sink.size >= BYTES_PER_FILE:
            self._close()

    def _open(self) -> None:
        self._name = f"{len(self.files):05d}.parquet"
        self._sink = _HashingFile(self._directory / self._name)
        self._writer = pq.ParquetWriter(pa.PythonFile(self._sink, mode="w"), _UNIFORM, **_PARQUET)
        self._rows_in_file = 0

    def _close(self) -> None:
        if self._writer is None:
            return
        self._writer.close()
        self._sink.close()
        self._sink.require_written()
        self.files.append(ParquetFile(self._name, self._rows_in_file, self._sink.size, self._sink.digest.hexdigest()))
        self._writer = None


_UNIFORM = pa.schema(
    [
        pa.field(name, pa.dictionary(pa.int32(), pa.string()) if name in _DICTIONARY else pa.string(), nullable=False)
        for name in COLUMNS
    ]
)


def _uniform(records: pa.RecordBatch) -> pa.RecordBatch:
    """One schema for all templates: a constant input becomes plain, an instruction per row becomes a dictionary."""
    columns = []
    for field, column in zip(_UNIFORM, records.columns, strict=True):
        if column.type != field.type:
            column = column.cast(field.type) if field.name not in _DICTIONARY else column.dictionary_encode()
        columns.append(column)
    return pa.RecordBatch.from_arrays(columns, schema=_UNIFORM)


class _HashingFile:
    """A file being written whose digest and size are known when it is closed.

    An error while writing (a full disk) is kept in `error` for the caller to raise, and what comes after the end is let
    go: pyarrow ends the whole process when a Python file raises while a Parquet writer is being taken down.
    """

    def __init__(self, path: Path):
        self._file = open(path, "wb")
        self.digest, self.size = hashlib.sha256(), 0
        self.error: OSError | None = None

    def write(self, data: bytes) -> int:
        if self.error is None and not self.closed:
            try:
                self._file.write(data)
            except OSError as error:
                self.error = error
            self.digest.update(data)
            self.size += len(data)
        return len(data)

    def flush(self) -> None:
        """Nothing: the shard is flushed once, when it is whole."""

    def close(self) -> None:
        try:
            self._file.close()
        except OSError as error:
            self.error = self.error or error

    @property
    def closed(self) -> bool:
        return self._file.closed

    def require_written(self) -> None:
        """Raises the error that writing met, if it met one."""
        if self.error is not None:
            raise self.error
