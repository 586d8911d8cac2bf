"""What no part of a corpus has, so that its file is another one: rows without end, or hardly one that can be used."""

from __future__ import annotations

from builders.errors import FormatError
from builders.rows import MOST_REJECTED, Rows

MOST_ROWS = 4_000_000
"""Rows of a part: what is kept of each, such as its key, takes some hundred bytes of memory. Wikipedia in one part has a
third as many, every other corpus fewer."""


class RowCount:
    """Counts the rows of a part as they are read.

    Args:
        file: name for errors.
    """

    def __init__(self, file: str):
        self._file = file
        self._used = self._rejected = 0

    def add(self, rows: Rows) -> None:
        """Counts the rows of one step.

        Raises:
            FormatError: there are more than 4,000,000 rows, or more than 100,000 that are rejected and fewer that are not.
        """
        self._used += rows.batch.num_rows
        self._rejected += len(rows.rejected)
        if self._used + self._rejected > MOST_ROWS:
            raise FormatError(self._file, "", f"more than {MOST_ROWS:,} rows: no corpus has so many in one part")
        if rows.rejected and self._rejected > MOST_REJECTED and self._rejected > self._used:
            last = rows.rejected[-1]
            counts = f"{self._rejected:,} rows up to here are rejected, and {self._used:,} can be used"
            raise FormatError(last.place, "", f"{counts}: another layout ({last.reason})")
