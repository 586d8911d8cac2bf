"""How long texts are, counted while they are built: their sum and a histogram, for the card's table and chart.

Counting here costs a few per cent of writing a shard; reading 8.4 million records again for it would cost a third.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import zip_longest

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

COUNTED = ("input", "output")
"""Columns whose texts are measured."""
EDGES = (0, *sorted({round(2 ** (half / 2)) for half in range(41)}))
"""Lower edges of the histogram's bins, in characters: 0, 1, 2, 3, 4, 6, 8, ..., each about the square root of 2 times
the one before; the last bin, from 1,048,576 on, is open."""


def nothing() -> dict[str, dict]:
    """Figures of no records: by column, `total` characters (Unicode code points) and `histogram`, records per bin.

    A histogram ends at the last bin that holds a record.
    """
    return {name: {"total": 0, "histogram": []} for name in COUNTED}


def count(*batches: pa.RecordBatch) -> dict[str, dict]:
    """Figures of batches of records; constant columns may be dictionary-encoded.

    A column that several batches share, as the two directions of a translation do, is measured once.
    """
    measured: dict[tuple, dict] = {}
    parts = []
    for records in batches:
        columns = {name: records.column(name) for name in COUNTED}
        parts.append({name: _figure(column, measured) for name, column in columns.items()})
    return add(parts)


def add(parts: Iterable[dict[str, dict]]) -> dict[str, dict]:
    """Figures of several batches, shards or leaves together."""
    figures = nothing()
    for part in parts:
        for name, figure in figures.items():
            figure["total"] += part[name]["total"]
            pairs = zip_longest(figure["histogram"], part[name]["histogram"], fillvalue=0)
            figure["histogram"] = [sum(pair) for pair in pairs]
    return figures


def _figure(column: pa.Array, measured: dict[tuple, dict]) -> dict:
    """The figure of a column, from `measured` where it is there by the column's place in memory."""
    dictionary = column.dictionary if isinstance(column, pa.DictionaryArray) else None
    arrays = [column] if dictionary is None else [column, dictionary]
    addresses = (buffer.address for array in arrays for buffer in array.buffers() if buffer is not None)
    place = (column.offset, len(column), *addresses)
    if place not in measured:
        lengths = _lengths(column)
        measured[place] = {"total": int(lengths.sum()), "histogram": _histogram(lengths)}
    return measured[place]


def _lengths(column: pa.Array) -> np.ndarray:
    if isinstance(column, pa.DictionaryArray):
        return _lengths(column.dictionary)[column.indices.to_numpy()]
    return pc.utf8_length(column).to_numpy()


def _histogram(lengths: np.ndarray) -> list[int]:
    exact = np.bincount(lengths)
    reached = [edge for edge in EDGES if edge < len(exact)]
    return [int(records) for records in np.add.reduceat(exact, reached)] if reached else []
