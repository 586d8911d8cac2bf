"""Texts and records as 64-bit numbers, the same for equal ones: millions are compared in 8 bytes each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from builders.schema import TEXTS

Hashes = np.ndarray[Any, np.dtype[np.uint64]]
PIECES = 16
"""Number of pieces that hashes are cut into by their first bits."""
_BOUNDS = np.arange(1, PIECES, dtype=np.uint64) * np.uint64(2**64 // PIECES)
_ODD = np.uint64(0x9E3779B97F4A7C15)  # odd, so multiplying by it loses no bits, and the columns do not swap places


def hash_texts(texts: pa.Array | pl.Series) -> Hashes:
    """One number for each text; a column may be dictionary-encoded."""
    if isinstance(texts, pa.DictionaryArray):
        return np.asarray(hash_texts(texts.dictionary)[texts.indices.to_numpy()], np.uint64)
    return pl.Series(texts).hash().to_numpy()


def hash_records(batch: pa.RecordBatch, columns: Sequence[str] = TEXTS) -> Hashes:
    """One number for each record, for the texts of some columns together.

    Of 10 million different records, two have the same number with a chance of 1 in 370,000, and the first 56 bits in
    common with one of 1 in 1,400.
    """
    return mixed([hash_texts(batch.column(name)) for name in columns])


def mixed(columns: Sequence[Hashes]) -> Hashes:
    """One number for each row of some columns of hashes; another order of the columns gives other numbers."""
    numbers = np.zeros(len(columns[0]), np.uint64)
    for hashes in columns:
        numbers = numbers * _ODD + hashes
    return numbers


def pieces(ascending: Hashes) -> list[Hashes]:
    """Hashes by their first bits: where many are compared, one piece of each lies in memory together."""
    return np.split(ascending, np.searchsorted(ascending, _BOUNDS))


def distinct(numbers: np.ndarray) -> np.ndarray:
    """Each number once, ascending; the array itself is sorted too.

    `np.unique` of numpy 2.4 hashes, which takes some ten times as long for millions of numbers.
    """
    numbers.sort()
    new = np.ones(len(numbers), bool)
    new[1:] = numbers[1:] != numbers[:-1]
    once: np.ndarray = numbers[new]
    return once


def repeated(ascending: Hashes) -> Hashes:
    """The hashes that come more than once, each once."""
    return np.unique(ascending[1:][ascending[1:] == ascending[:-1]])
