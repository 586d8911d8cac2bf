r"""Tab-separated text without quoting, as the corpora use it: a `"` is a character, `null` is a word.

pyarrow's CSV reader does the work, a block of whole lines at a time. It is not given the stream: it reads ahead in a
thread of its own, which an error that ends the reading cannot stop, and it ends a row at a lone `\r` (here only `\n`
and `\r\n` end a row; a lone `\r` becomes a space, as it looks in an editor).
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.csv as csv

from builders.errors import FormatError
from builders.formats.blocks import Stream, line_blocks
from builders.formats.text import require_utf8_lines
from builders.rows import MOST_REJECTED, RejectedRow, Rows

LINE = "line"
"""Name of the column of line numbers (int64, from 1) that every batch ends with."""


def read_delimited(
    stream: Stream,
    file: str,
    columns: Sequence[str],
    optional: Sequence[str] = (),
    span: tuple[int, int] | None = None,
) -> Iterator[Rows]:
    """Reads tab-separated rows.

    Args:
        stream: bytes from the start of the text.
        file: name for errors and rejected.
        columns: names of the columns every row has.
        optional: names of further columns that some editions of the file have; the first row decides how many.
        span: read only the blocks of whole lines (some megabytes each) that begin in this range of bytes of the text,
            counted without a byte order mark. Ranges that touch each other give every row once, with its line number.

    Yields:
        Batches with the columns present, as strings, and `line`; rows with another number of columns are rejected.

    Raises:
        FormatError: there is no row at all, one is not UTF-8 or longer than 8 MiB, or over 100,000 have another number
            of columns.
    """
    names: list[str] = []
    left = MOST_REJECTED
    begin = end = 0  # of a block
    for first, block in line_blocks(stream, file):
        begin, end = end, end + len(block)
        if span and begin >= span[1]:
            return
        names = names or [*columns, *optional][: max(len(columns), block.split(b"\n", 1)[0].count(b"\t") + 1)]
        if span and begin < span[0]:
            continue
        rows = _parse(block, first, names, file, left)
        left -= len(rows.rejected)
        yield rows
    if not names:
        raise FormatError(file, "", "empty")


def _parse(block: bytes, first: int, names: list[str], file: str, most_rejected: int) -> Rows:
    """The rows of a block of whole lines, of which the first is line `first` of the file."""
    require_utf8_lines(block, file, first)  # also of the rows to reject, which pyarrow would drop without a word
    refused: list[csv.InvalidRow] = []

    def refuse(row: csv.InvalidRow) -> Literal["skip", "error"]:
        refused.append(row)
        return "skip" if len(refused) <= most_rejected else "error"

    try:
        table = _read_csv(_without_lone_returns(block), names, refuse)
    except pa.ArrowInvalid as error:
        if len(refused) <= most_rejected:
            raise FormatError(file, f"line {first} or after", str(error)) from None
        reason = f"the {MOST_REJECTED + 1:,}th row with another number of columns than {len(names)}: another layout"
        raise FormatError(file, f"line {first + refused[-1].number - 1}", reason) from None
    numbers = np.arange(first, first + table.num_rows + len(refused))
    lines = pa.array(np.delete(numbers, [row.number - 1 for row in refused]) if refused else numbers)
    cells = [table.column(name).combine_chunks() for name in names]
    rejected = tuple(
        RejectedRow(
            f"{file} line {first + row.number - 1}", f"{row.actual_columns} columns instead of {len(names)}", row.text
        )
        for row in refused
    )
    return Rows(pa.RecordBatch.from_arrays([*cells, lines], [*names, LINE]), rejected)


def _read_csv(block: bytes, names: list[str], refuse: Callable[[csv.InvalidRow], str]) -> pa.Table:
    return csv.read_csv(
        pa.BufferReader(block),
        # one thread: row numbers are known only then, and the shards are what runs in parallel
        read_options=csv.ReadOptions(use_threads=False, column_names=names, block_size=len(block) + 1),
        parse_options=csv.ParseOptions(
            delimiter="\t",
            quote_char=False,
            double_quote=False,
            escape_char=False,
            ignore_empty_lines=False,
            invalid_row_handler=refuse,
        ),
        convert_options=csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, check_utf8=False
        ),
    )


def _without_lone_returns(block: bytes) -> bytes:
    r"""The block with every `\r` that no `\n` follows made a space."""
    if b"\r" in block:
        block = re.sub(rb"\r(?!\n)", b" ", block)
    # pyarrow takes a byte order mark off whatever it is given; here it is text, and only one is taken
    return codecs.BOM_UTF8 + block if block.startswith(codecs.BOM_UTF8) else block
