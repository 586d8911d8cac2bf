"""Comma-separated text with quoting, as spreadsheets write it (RFC 4180): commas, line ends and doubled quotes in quotes.

Python's `csv` takes it apart; it is strict here, so that a quote that is not closed is an error and not half a file in
one cell. It runs some Python for each row: for files of up to a few million rows.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa

from builders.errors import FormatError
from builders.formats.blocks import CHARACTERS, LONGEST, Stream, line_blocks
from builders.formats.delimited import LINE
from builders.formats.text import require_utf8
from builders.rows import RejectedRow, Rows

BATCH = 10_000
"""Rows in one batch."""
RAW = 300
"""Characters of a row that its rejected row keeps."""
OPEN_QUOTE = "a quote opens in this row and does not close: the file is cut short or damaged"
LONG_CELL = f"a cell of more than {csv.field_size_limit():,} characters: a quote in this row may not close"


def read_quoted_csv(stream: Stream, file: str, columns: Mapping[str, str]) -> Iterator[Rows]:
    r"""Reads the rows below a header.

    A line ends at `\n` or `\r\n`; in a quoted cell either is `\n`, and a lone `\r` is a space everywhere. Rows without
    any text, which spreadsheets write behind their last row, are no rows.

    Args:
        stream: bytes from the start of the text, UTF-8 with or without a byte order mark.
        file: name for errors and rejected rows.
        columns: what the header calls each column, by the name that it gets. Other columns are left out.

    Yields:
        Batches with these columns, as strings, and `line`, the number of the line where the row begins. A row with
        another number of cells than the header, or with text behind a closing quote, is rejected.

    Raises:
        FormatError: empty; not UTF-8; a column is not in the header, or twice; a quote is not closed; a cell is longer
            than 131,072 characters, or a line or a row longer than 8 MiB.
    """
    rows = _rows(_Lines(stream, file), file)
    header = next(rows, None)
    if header is None:
        raise FormatError(file, "", "empty")
    if isinstance(header, RejectedRow):
        raise FormatError(file, "line 1", header.reason)
    names = [name.strip() for name in header[1]]
    places = [_place(names, name, file) for name in columns.values()]
    kept: list[tuple[int | str, ...]] = []
    rejected: list[RejectedRow] = []
    size = 0
    for row in rows:
        if isinstance(row, RejectedRow):
            rejected.append(row)
        elif len(row[1]) != len(names):
            reason = f"{len(row[1])} columns instead of {len(names)}"
            rejected.append(RejectedRow(f"{file} line {row[0]}", reason, ",".join(row[1])[:RAW]))
        else:
            cells = [row[1][place] for place in places]
            size += sum(map(len, cells))
            kept.append((*cells, row[0]))
        if len(kept) + len(rejected) >= BATCH or size >= CHARACTERS:
            yield Rows(_batch(kept, list(columns)), tuple(rejected))
            kept, rejected, size = [], [], 0
    if kept or rejected:
        yield Rows(_batch(kept, list(columns)), tuple(rejected))


def _rows(lines: _Lines, file: str) -> Iterator[tuple[int, list[str]] | RejectedRow]:
    """Each row's first line and cells."""
    reader = csv.reader(lines, strict=True)
    while True:
        first = lines.begin_row()
        try:
            cells = next(reader, None)
        except csv.Error as error:
            if lines.ended or str(error).startswith("field larger"):
                raise FormatError(file, f"line {first}", OPEN_QUOTE if lines.ended else LONG_CELL) from None
            yield RejectedRow(f"{file} line {first}", "text behind a closing quote", lines.row()[:RAW])
            continue
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield first, cells


def _place(names: Sequence[str], name: str, file: str) -> int:
    if names.count(name) != 1:
        problem = f'{"no" if name not in names else "more than one"} column "{name}"'
        raise FormatError(file, "line 1", f"{problem}; the columns are: {', '.join(names)}")
    return names.index(name)


def _batch(rows: Sequence[tuple[int | str, ...]], columns: Sequence[str]) -> pa.RecordBatch:
    schema = pa.schema([*((name, pa.string()) for name in columns), (LINE, pa.int64())])
    cells = list(zip(*rows, strict=True)) or [()] * len(schema)
    arrays = [pa.array(cell, field.type) for cell, field in zip(cells, schema, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


class _Lines:
    """The lines of a stream as `csv` takes them, and those that belong to the row at hand."""

    def __init__(self, stream: Stream, file: str):
        self._lines = (line for _, block in line_blocks(stream, file) for line in block.split(b"\n")[:-1])
        self._file, self._number = file, 0
        self._row: list[str] = []
        self._size = 0
        self.ended = False

    def begin_row(self) -> int:
        """Forgets the lines taken so far; returns the number of the next."""
        self._row, self._size = [], 0
        return self._number + 1

    def row(self) -> str:
        """Text of the row at hand."""
        return "".join(self._row).removesuffix("\n")

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        raw = next(self._lines, None)
        if raw is None:
            self.ended = True
            raise StopIteration
        self._number += 1
        self._size += len(raw)
        if self._size > LONGEST:  # quotes that close one cell and open the next, for ever
            first = self._number - len(self._row)
            raise FormatError(self._file, f"line {first}", f"a row longer than {LONGEST >> 20} MiB")
        text = require_utf8(raw.removesuffix(b"\r"), self._file, f"line {self._number}")
        self._row.append(text.replace("\r", " ") + "\n")
        return self._row[-1]
