"""Rows of an Excel workbook (.xlsx): the sheet by its position, the columns by their names in the first row.

python-calamine reads the workbook; reading aids that Excel keeps beside Japanese text (`<rPh>` runs, ECMA-376
part 1, section 18.4.6) are no part of a cell's text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from builders.errors import FormatError

BATCH = 20_000
"""Rows in one batch."""
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
        FormatError: not a workbook, or damaged; no such sheet; a header is missing or there twice.
    """
    opened = _open(path, sheet)
    place = f'sheet "{opened.name}"'
    if not opened.height:
        raise FormatError(path.name, place, "the sheet is empty")
    cells = opened.iter_rows()
    positions = _positions(next(cells), columns, path.name, f"{place}, row 1")
    schema = pa.schema([*((name, pa.string()) for name in columns), (ROW, pa.int64())])
    rows: list[list[Any]] = []
    for number, row in enumerate(cells, 2):
        if any(cell != "" for cell in row):
            rows.append([*(_text(row[position]) for position in positions), number])
        if len(rows) == BATCH:
            yield _batch(rows, schema)
            rows = []
    if rows:
        yield _batch(rows, schema)


def _open(path: Path, sheet: int) -> CalamineSheet:
    try:
        workbook = CalamineWorkbook.from_path(path)
        names = workbook.sheet_names
        if sheet >= len(names):
            raise FormatError(path.name, "", f"has no sheet number {sheet + 1}; it has: {', '.join(names) or 'none'}")
        return workbook.get_sheet_by_index(sheet)
    except CalamineError as error:
        raise FormatError(path.name, "", f"not an Excel workbook, or damaged ({error})") from None


def _positions(header: Sequence[Any], columns: Mapping[str, str], file: str, place: str) -> list[int]:
    found = [_text(cell).strip() for cell in header]
    for wanted in columns.values():
        if found.count(wanted) != 1:
            problem = f'two columns are named "{wanted}"' if wanted in found else f'no column is named "{wanted}"'
            raise FormatError(file, place, f"{problem}; the columns are: {', '.join(filter(None, found)) or 'none'}")
    return [found.index(wanted) for wanted in columns.values()]


def _text(cell: Any) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _batch(rows: list[list[Any]], schema: pa.Schema) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays(
        [pa.array(column, field.type) for column, field in zip(zip(*rows, strict=True), schema, strict=True)],
        schema=schema,
    )
