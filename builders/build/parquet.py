"""Records as Parquet files that readers can stream: the same batches give the same bytes, in bounded memory."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from builders.schema import COLUMNS

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

# Columns worth a Parquet dictionary: those with few different values. The ids share long prefixes with their neighbours.
_DICTIONARY = ["instruction", "source", "task", "license"]
CHUNKING = {"min_chunk_size": 256 << 10, "max_chunk_size": 1 << 20, "norm_level": 0}
"""pyarrow's own sizes of content-defined chunks, and those of `datasets` 4 and newer."""
CHUNKING_KEY = "content_defined_chunking"
"""Key under which a file's metadata names its chunks, as `datasets` writes it: the Hub looks there for the mark of a
file that it can store and send by chunks."""
OPTIONS: dict[str, Any] = {
    # Against snappy 40 % smaller, read a fifth faster, written in half as much time again: python -m benchmarks.compression
    "compression": "zstd",
    "compression_level": 3,
    "use_dictionary": _DICTIONARY,
    "column_encoding": {"id": "DELTA_BYTE_ARRAY"},
    "write_page_index": True,
    "use_content_defined_chunking": CHUNKING,
    "store_schema": False,  # else readers would get dictionary columns instead of strings
}


@dataclass(frozen=True)
class ParquetFile:
    """One finished Parquet file: name, rows, bytes on disk, hex sha256."""

    name: str
    rows: int
    bytes: int
    sha256: str


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

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
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
        writer = self._writer or self._open()
        writer.write_table(pa.Table.from_batches(self._waiting), row_group_size=self._rows)
        self._sink.require_written()
        self._rows_in_file += self._rows
        self._waiting, self._rows, self._bytes = [], 0, 0
        if self._rows_in_file + ROWS_PER_GROUP > ROWS_PER_FILE or self._sink.size >= BYTES_PER_FILE:
            self._close()

    def _open(self) -> pq.ParquetWriter:
        self._name = f"{len(self.files):05d}.parquet"
        self._sink = _HashingFile(self._directory / self._name)
        self._writer = pq.ParquetWriter(pa.PythonFile(self._sink, mode="w"), _UNIFORM, **OPTIONS)
        self._rows_in_file = 0
        return self._writer

    def _close(self) -> None:
        if self._writer is None:
            return
        self._writer.add_key_value_metadata({CHUNKING_KEY: json.dumps(CHUNKING)})
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
