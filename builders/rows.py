"""What a corpus's `read` yields: Arrow batches of raw rows, and the rows it could not use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

KEY = "key"
"""Name of the column every batch has: the key of a raw row, unique in its corpus and record_type, stable between builds."""

EDGES = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u180e\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
    "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u200c\u200d\u200e\u200f"
)
"""What no cell begins or ends with: all that Unicode calls white space, and what has no width."""
BLANK_RECORD = "blank "
"""How the reason begins of a record that was left out although its row was used: for a blank instruction or output."""
MOST_REJECTED = 100_000
"""Rows of a file that are rejected one by one; where more of them cannot be used, the file is another one."""


@dataclass(frozen=True)
class RejectedRow:
    """One raw row that was left out, kept for `rejected/<config>.jsonl`.

    Args:
        place: where it stands, file first (`jpn.txt line 17`).
        reason: why, in words that are the same for all rows rejected for that reason: rejected are counted by it.
        raw: the row as text, cut to what a person needs to find it.
    """

    place: str
    reason: str
    raw: str


@dataclass(frozen=True)
class Rows:
    """One step of reading: usable rows, named as the corpus names its columns, and the rejected met on the way.

    Args:
        batch: columns of strings; one of them is `key`.
        rejected: rows of the same stretch of the file that cannot be used.
        record_type: which kind of row this is, for a corpus with several (a task's template names the record type it is made from).
    """

    batch: pa.RecordBatch
    rejected: tuple[RejectedRow, ...] = ()
    record_type: str = "rows"


def unique_keys(keys: Iterable[str], seen: Counter[str]) -> list[str]:
    """Keys for upstream ids that may come again: the id itself, then `<id>.2`, `<id>.3`; no row is lost for its id.

    Args:
        keys: upstream ids, in the file's order.
        seen: how often each id was met so far; brought up to date here.
    """
    unique = []
    for key in keys:
        seen[key] += 1
        unique.append(key if seen[key] == 1 else f"{key}.{seen[key]}")
    return unique


def trimmed(column: pa.Array) -> pa.Array:
    """The cells of a string column without what stands at their ends (`EDGES`)."""
    return pc.utf8_trim(column, characters=EDGES)


def stripped(text: str) -> str:
    """As `trimmed`, for one text: where cells are compared or joined before they are columns."""
    return text.strip(EDGES)


def blank(column: pa.Array) -> pa.Array:
    """Boolean mask of the cells that hold nothing, or nothing but `EDGES` (null counts as nothing)."""
    return pc.equal(pc.binary_length(trimmed(pc.fill_null(column, ""))), 0)


def without_blank_cells(batch: pa.RecordBatch, columns: Sequence[str], file: str, record_type: str = "rows") -> Rows:
    """Rejects the rows of which one of `columns` is blank, with the reason `empty <column>`.

    Args:
        batch: rows with a `key` column; the key is the place named in the reject.
        columns: the columns that must hold text.
        file: name of the raw file, for the reject's place.
        record_type: the record type of the returned rows.

    Returns:
        The other rows, and one reject per row left out; it names the first blank column.
    """
    masks = {name: blank(batch.column(name)) for name in columns}
    bad = masks[columns[0]]
    for name in columns[1:]:
        bad = pc.or_(bad, masks[name])
    if not pc.any(bad).as_py():
        return Rows(batch, record_type=record_type)
    rejected = []
    for index in pc.indices_nonzero(bad).to_pylist():
        row = batch.slice(index, 1).to_pylist()[0]
        name = next(name for name in columns if masks[name][index].as_py())
        raw = "\t".join(str(row[column]) for column in batch.schema.names if column != KEY)
        rejected.append(RejectedRow(f"{file} {row[KEY]}", f"empty {name}", raw))
    return Rows(batch.filter(pc.invert(bad)), tuple(rejected), record_type)
