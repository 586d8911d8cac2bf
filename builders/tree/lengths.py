"""How long texts are, counted while they are built: their sum and a histogram, for the card's table and chart.

Counting here costs a few per cent of writing a shard; reading 8.4 million records again for it would cost a third.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

COUNTED = ("input", "output")
"""Columns whose texts are measured."""
EDGES = (0, *sorted({round(2 ** (half / 2)) for half in range(41)}))
"""Lower edges of the histogram's bins, in characters: 0, 1, 2, 3, 4, 6, 8, ..., each about the square root of 2 times
the one before; the last bin, from 1,048,576 on, is open."""


@dataclass(frozen=True)
class Lengths:
    """How long the texts of one column are.

    Args:
        total: sum of the lengths, in characters (Unicode code points).
        histogram: number of records by bin of `EDGES`; it ends at the last bin that holds a record.
    """

    total: int = 0
    histogram: tuple[int, ...] = ()

    def __add__(self, other: Lengths) -> Lengths:
        pairs = zip_longest(self.histogram, other.histogram, fillvalue=0)
        return Lengths(self.total + other.total, tuple(sum(pair) for pair in pairs))


def zero() -> dict[str, Lengths]:
    """The lengths of no records, by column."""
    return {name: Lengths() for name in COUNTED}


def count(*batches: pa.RecordBatch) -> dict[str, Lengths]:
    """The lengths of batches of records, by column; constant columns may be dictionary-encoded.

    A column that several batches share, as the two directions of a translation do, is measured once.
    """
    measured: dict[tuple[int, ...], Lengths] = {}
    return add({name: _lengths(records.column(name), measured) for name in COUNTED} for records in batches)


def add(parts: Iterable[Mapping[str, Lengths]]) -> dict[str, Lengths]:
    """The lengths of several batches, shards or configs together."""
    together = zero()
    for part in parts:
        together = {name: together[name] + part[name] for name in COUNTED}
    return together


def _lengths(column: pa.Array, measured: dict[tuple[int, ...], Lengths]) -> Lengths:
    """The lengths of a column, from `measured` where it is there by the column's place in memory."""
    dictionary = column.dictionary if isinstance(column, pa.DictionaryArray) else None
    arrays = [column] if dictionary is None else [column, dictionary]
    addresses = (buffer.address for array in arrays for buffer in array.buffers() if buffer is not None)
    place = (column.offset, len(column), *addresses)
    if place not in measured:
        lengths = _of_each(column)
        measured[place] = Lengths(int(lengths.sum()), _histogram(lengths))
    return measured[place]


def _of_each(column: pa.Array) -> np.ndarray[Any, np.dtype[np.int64]]:
    if isinstance(column, pa.DictionaryArray):
        return np.asarray(_of_each(column.dictionary)[column.indices.to_numpy()], np.int64)
    return np.asarray(pc.utf8_length(column), np.int64)


def _histogram(lengths: np.ndarray[Any, np.dtype[np.int64]]) -> tuple[int, ...]:
    exact = np.bincount(lengths)
    reached = [edge for edge in EDGES if edge < len(exact)]
    return tuple(int(records) for records in np.add.reduceat(exact, reached)) if reached else ()
