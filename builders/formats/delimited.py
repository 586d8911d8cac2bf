r"""Tab-separated text without quoting, as the corpora use it: a `"` is a character, `null` is a word.

pyarrow's CSV reader does the work. Two things it would do are kept from it: it ends a row at a lone `\r` (here only
`\n` and `\r\n` end a row; a lone `\r` becomes a space, as it looks in an editor), and it says little of the place of
a row it cannot take (here every batch carries its line numbers).
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.csv as csv

from builders.errors import FormatError
from builders.formats.text import to_utf8
from builders.rows import RejectedRow, Rows

BLOCK = 8 << 20
"""Bytes parsed at a time, and the longest row that is read. pyarrow reads up to 32 blocks ahead: that, some 256 MB, is
what memory grows to and no further (in 4 MB blocks it is half of that, and 4 % slower)."""
LINE = "line"
"""Name of the column of line numbers (int64, from 1) that every batch ends with."""


def read_delimited(stream: BinaryIO, file: str, columns: Sequence[str], optional: Sequence[str] = ()) -> Iterator[Rows]:
    """Reads tab-separated rows.

    Args:
        stream: bytes from the start of the text.
        file: name for errors and rejected.
        columns: names of the columns every row has.
        optional: names of further columns that some editions of the file have; the first row decides how many.

    Yields:
        Batches with the columns present, as strings, and `line`; rows with another number of columns are rejected.

    Raises:
        FormatError: there is no row at all, one is not UTF-8, or longer than 8 MiB.
    """
    source = _LoneReturns(stream)
    if source.empty():
        raise FormatError(file, "", "empty")
    columns = [*columns, *optional][: max(len(columns), source.columns_of_first_line())]
    refused: list[csv.InvalidRow] = []

    def refuse(row: csv.InvalidRow) -> str:
        refused.append(row)
        return "skip"

    line = 1
    try:
        for batch in _open(source, columns, refuse):
            lines, after = _line_numbers(line, batch.num_rows, refused)
            rejected = _rejected(refused, after, len(columns), file)
            line = after
            cells = [to_utf8(batch.column(name), file, lines) for name in columns]
            yield Rows(pa.RecordBatch.from_arrays([*cells, lines], [*columns, LINE]), rejected)
    except pa.ArrowInvalid as error:
        reason = "longer than 8 MiB, or not text" if "straddling" in str(error) else str(error)
        raise FormatError(file, f"a row after line {line - 1}", reason) from None
    if refused:  # the last block had none but bad rows
        types = [(name, pa.string()) for name in columns] + [(LINE, pa.int64())]
        yield Rows(pa.RecordBatch.from_pylist([], pa.schema(types)), _rejected(refused, None, len(columns), file))


def _open(source: BinaryIO, columns: list[str], refuse: Callable) -> csv.CSVStreamingReader:
    return csv.open_csv(
        source,
        # one thread: row numbers are known only then, and the shards are what runs in parallel
        read_options=csv.ReadOptions(use_threads=False, column_names=columns, block_size=BLOCK),
        parse_options=csv.ParseOptions(
            delimiter="\t",
            quote_char=False,
            double_quote=False,
            escape_char=False,
            ignore_empty_lines=False,
            invalid_row_handler=refuse,
        ),
        convert_options=csv.ConvertOptions(
            column_types={name: pa.binary() for name in columns}, strings_can_be_null=False
        ),
    )


def _line_numbers(first: int, count: int, refused: list[csv.InvalidRow]) -> tuple[pa.Array, int]:
    """Line numbers of `count` good rows from line `first` on, and the number of the line after them."""
    bad = {row.number for row in refused if row.number >= first}
    if not bad:
        return pa.array(np.arange(first, first + count)), first + count
    numbers = np.arange(first, first + count + len(bad))
    good = numbers[~np.isin(numbers, list(bad))][:count]
    return pa.array(good), int(good[-1]) + 1 if count else first


def _rejected(refused: list[csv.InvalidRow], before: int | None, expected: int, file: str) -> tuple[RejectedRow, ...]:
    """Takes the rows above line `before` off the list (all rows for None) and words them."""
    ready = [row for row in refused if before is None or row.number < before]
    refused[:] = [row for row in refused if row not in ready]
    reason = "{} columns instead of {}"
    return tuple(
        RejectedRow(f"{file} line {row.number}", reason.format(row.actual_columns, expected), row.text) for row in ready
    )


class _LoneReturns(io.RawIOBase):
    r"""The stream with every `\r` that no `\n` follows made a space; also looks ahead at the first line."""

    def __init__(self, stream: BinaryIO):
        self._stream = stream
        self._ahead = stream.read(BLOCK)
        self._held = b""

    def readable(self) -> bool:
        return True

    def empty(self) -> bool:
        """True where there is no text at all."""
        return not self._ahead

    def columns_of_first_line(self) -> int:
        return self._ahead.split(b"\n", 1)[0].count(b"\t") + 1

    def read(self, size: int = -1) -> bytes:
        block = self._ahead or self._stream.read(size)
        self._ahead = b""
        if not block:
            held, self._held = self._held, b""
            return held
        block = self._held + block
        self._held = b""
        if block.endswith(b"\r"):
            block, self._held = block[:-1], b"\r"
        if b"\r" in block:
            block = re.sub(rb"\r(?!\n)", b" ", block)
        return block or self.read(size)
