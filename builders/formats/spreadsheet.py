"""Rows of an Excel workbook (.xlsx): the sheet by its position, the columns by their names in the first row.

python-calamine reads the workbook; reading aids that Excel keeps beside Japanese text (`<rPh>` runs, ECMA-376
part 1, section 18.4.6) are no part of a cell's text.

calamine lays a sheet out as a rectangle from its first to its last cell, with a copy of a shared text in every cell that
has it, and ends the process where that does not fit into memory: two cells are enough, or one text. So it gets a copy in
memory of the parts that were unpacked and looked at here.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from builders.errors import FormatError
from builders.formats import shared_texts
from builders.formats.archives import zip_archive
from builders.formats.blocks import CHARACTERS

PARTS = ("xl/", "_rels/", "[Content_Types].xml")
"""How the names of a workbook's parts begin."""
LARGEST = 128 << 20
"""Bytes of all parts together, unpacked; the corpora's workbooks of 50,000 rows have a fifth of it."""
MOST_CELLS = 10_000_000
"""Cells of the rectangle around a sheet: some 300 MB in memory."""
MOST_TEXT = 128 << 20
"""Bytes of the texts that cells share, counted once for each of the cells; the corpora's workbooks have a fifth of it."""
_REFERENCE = re.compile(rb"""\sr\s*=\s*["']\s*([A-Za-z]*)([0-9]+)""")
"""Of a cell (`r="B12"`) or a row (`r="12"`; ECMA-376 part 1, sections 18.3.1.4 and 18.3.1.73)."""
_FAR_OR_UNUSUAL = re.compile(rb"""r(?:\s+=|=[^"]|="(?:[A-Za-z]{2}|[A-Za-z]?[0-9]{6}|[^A-Za-z0-9]))""")
_ROW = re.compile(rb"<(?:\w+:)?row[\s/>]")
_ROW_ALONE, _CELL_ALONE = (
    re.compile(rb"<(?:\w+:)?%s(?:>|/|\s(?!r\s*=))" % name) for name in (b"row", b"c")
)  # they say no place: each stands behind the one before

BATCH = 20_000
"""Rows in one batch."""
LISTED = 300
"""Characters of a header that a message shows."""
DAMAGED = "not an Excel workbook, or damaged ({})"
ROW = "row"
"""Name of the column of row numbers (int64, as Excel shows them) that every batch ends with."""


def read_sheet(path: Path, columns: Mapping[str, str], sheet: int = 0) -> Iterator[pa.RecordBatch]:
    """Reads some columns of one sheet whose first row names them.

    Args:
        path: the workbook.
        columns: header in the sheet by the name that the column gets.
        sheet: position of the sheet, from 0.

    Yields:
        Batches of string columns named as `columns` says, and `row`. Whole numbers are written without a decimal point,
        empty cells are "". Rows that are empty in all their cells are left out.

    Raises:
        FormatError: not a workbook, damaged, or one that does not fit into memory; no such sheet; a header is missing
            or there twice.
    """
    opened = _open(path, sheet)
    place = f'sheet "{opened.name}"'
    if not opened.height:
        raise FormatError(path.name, place, "the sheet is empty")
    cells = opened.iter_rows()
    positions = _positions(next(cells), columns, path.name, f"{place}, row 1")
    schema = pa.schema([*((name, pa.string()) for name in columns), (ROW, pa.int64())])
    rows: list[list[Any]] = []
    size = 0
    for number, row in enumerate(cells, 2):
        if any(cell != "" for cell in row):
            texts = [_text(row[position]) for position in positions]
            rows.append([*texts, number])
            size += sum(map(len, texts))
        if len(rows) == BATCH or size >= CHARACTERS:
            yield _batch(rows, schema)
            rows, size = [], 0
    if rows:
        yield _batch(rows, schema)


def _open(path: Path, sheet: int) -> CalamineSheet:
    copy = _copy(path)
    try:
        workbook = CalamineWorkbook.from_filelike(copy)
        names = workbook.sheet_names
        if sheet >= len(names):
            raise FormatError(path.name, "", f"has no sheet number {sheet + 1}; it has: {', '.join(names) or 'none'}")
        return workbook.get_sheet_by_index(sheet)
    except CalamineError as error:
        raise FormatError(path.name, "", DAMAGED.format(error)) from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # Rust's; it can be imported from nowhere
            raise
        raise FormatError(path.name, "", DAMAGED.format("calamine cannot read it")) from None


def _copy(path: Path) -> io.BytesIO:
    """The parts of a workbook in a zip archive in memory, unpacked.

    Raises:
        FormatError: not a zip archive, damaged, or too large.
    """
    copy, left, unpacked = io.BytesIO(), LARGEST, []
    with zip_archive(path) as archive, zipfile.ZipFile(copy, "w") as parts:
        for name in archive.namelist():
            if not name.startswith(PARTS):
                continue
            with archive.open(name) as stream:
                part = stream.read(left + 1)
            left -= len(part)
            if left < 0:
                raise FormatError(path.name, "", f"unpacks to more than {LARGEST >> 20} MiB, which is refused")
            _check_rectangle(part, f"{path.name}/{name}")
            parts.writestr(name, part)
            unpacked.append(part)
    if shared_texts.are_longer_than(MOST_TEXT, unpacked):
        reason = f"cells share texts: over {MOST_TEXT >> 20} MiB, counted for every cell, are refused"
        raise FormatError(path.name, "", reason)
    copy.seek(0)
    return copy


def _check_rectangle(part: bytes, file: str) -> None:
    """Refuses a part in which rows and columns could be counted up to more cells than fit into memory."""
    if _is_plain(part):
        return
    references = _REFERENCE.findall(part)
    rows = max((int(digits[:18]) for _, digits in references), default=0)
    widest = max((_column(letters) for letters in {letters for letters, _ in references}), default=0)
    rows += len(_ROW_ALONE.findall(part))
    widest += max(len(_CELL_ALONE.findall(row)) for row in _ROW.split(part))
    if rows * widest > MOST_CELLS:
        raise FormatError(file, "", f"has {rows:,} rows and {widest:,} columns: over {MOST_CELLS:,} cells are refused")


def _is_plain(part: bytes) -> bool:
    """A quick look: at most 50 cells and rows say no place, and none says one beyond column Z and row 99,999."""
    begun = sum(map(part.count, (b"<c", b":c", b"<row", b":row")))
    placed = sum(map(part.count, (b'<c r="', b'<row r="')))
    return begun - placed <= 50 and not _FAR_OR_UNUSUAL.search(part)


def _column(letters: bytes) -> int:
    """The number of a column by its letters: 1 for A, 28 for AB; of no more than nine letters."""
    number = 0
    for letter in letters[:9].upper():
        number = number * 26 + letter - ord("A") + 1
    return number


def _positions(header: Sequence[Any], columns: Mapping[str, str], file: str, place: str) -> list[int]:
    found = [_text(cell).strip() for cell in header]
    for wanted in columns.values():
        if found.count(wanted) != 1:
            problem = f'two columns are named "{wanted}"' if wanted in found else f'no column is named "{wanted}"'
            raise FormatError(file, place, f"{problem}; the columns are: {_listed(found)}")
    return [found.index(wanted) for wanted in columns.values()]


def _listed(header: Sequence[str]) -> str:
    listed = ", ".join(filter(None, header)) or "none"
    return listed if len(listed) <= LISTED else f"{listed[:LISTED]}..."


def _text(cell: Any) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _batch(rows: list[list[Any]], schema: pa.Schema) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays(
        [pa.array(column, field.type) for column, field in zip(zip(*rows, strict=True), schema, strict=True)],
        schema=schema,
    )
