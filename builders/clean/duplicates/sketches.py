"""Sketches: 72 bytes a record, by which equal payloads are found for certain and similar ones nearly always.

MinHash: of all character 3-grams of a payload, the smallest hash under each of eight hash functions. Two payloads agree
in a slot with a chance equal to the share of 3-grams that they have in common (their Jaccard similarity).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa

from builders.clean.texts.ngrams import rolling
from builders.clean.texts.normalize import CELLS, Payloads

GRAM = 3
SLOTS = 8
_MULTIPLIERS = np.array(
    [0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F, 0x165667B1, 0xD6E8FEB9, 0xA2AA033B, 0x62992FC1], np.uint32
)
_CELL = np.uint32(1 << 22)  # beyond the last code point: the same text in another cell is another text
_ODD = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Sketches:
    """Sketches of records, a row each.

    Args:
        key: 128-bit key of the normalized cells, uint64 of shape (records, 2): equal for records that differ at most in
            width, case, white space and punctuation. Of 10 million payloads two have the same key by chance once in
            10^24.
        raw: 64-bit key of the cells as they are, uint64.
        cells: 32-bit key of each normalized cell, uint32 of shape (records, `CELLS`).
        slots: MinHash, uint32 of shape (records, `SLOTS`).
        length: normalized characters, uint32.
    """

    key: np.ndarray
    raw: np.ndarray
    cells: np.ndarray
    slots: np.ndarray
    length: np.ndarray

    def __len__(self) -> int:
        return len(self.length)

    @classmethod
    def of(cls, payloads: Payloads, cells: list[pa.Array]) -> Sketches:
        """Sketches of some records.

        Args:
            payloads: their payload.
            cells: the same cells before they were normalized.
        """
        length = np.diff(payloads.offsets).astype(np.uint32)
        raw = _joined([pl.Series(pl.from_arrow(cell)).hash(0).to_numpy() for cell in cells])
        key, each = _keys(payloads)
        return cls(key, raw, each, _min_hashes(payloads), length)

    @classmethod
    def room(cls, records: int) -> Sketches:
        """Sketches of so many records, to be filled by `put`: the whole dataset's are never held twice."""
        return cls(
            np.zeros((records, 2), np.uint64),
            np.zeros(records, np.uint64),
            np.zeros((records, CELLS), np.uint32),
            np.zeros((records, SLOTS), np.uint32),
            np.zeros(records, np.uint32),
        )

    def put(self, first: int, part: Sketches) -> None:
        """Takes over the sketches of some records.

        Args:
            first: number of the first of them.
            part: their sketches.
        """
        for name in ("key", "raw", "cells", "slots", "length"):
            getattr(self, name)[first : first + len(part)] = getattr(part, name)


def _joined(hashes: list[np.ndarray]) -> np.ndarray:
    """One number for several in a row; their order counts."""
    number = np.zeros(len(hashes[0]), np.uint64)
    for one in hashes:
        number = (number + one) * _ODD
        number ^= number >> np.uint64(29)
    return number


def _keys(payloads: Payloads) -> tuple[np.ndarray, np.ndarray]:
    """Keys of whole records, and of each cell."""
    size = payloads.codes.itemsize
    buffers = [None, pa.py_buffer(payloads.bounds * size), pa.py_buffer(np.ascontiguousarray(payloads.codes))]
    texts = pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(payloads) * CELLS, buffers)
    column = pl.Series(pl.from_arrow(texts))
    hashes = [column.hash(seed).to_numpy().reshape(-1, CELLS) for seed in (1, 2)]
    return np.column_stack([_joined(list(one.T)) for one in hashes]), hashes[0].astype(np.uint32)


def _min_hashes(payloads: Payloads) -> np.ndarray:
    count, offsets = len(payloads), payloads.offsets
    lengths = np.diff(offsets)
    slots = np.zeros((count, SLOTS), np.uint32)
    some, long = np.flatnonzero(lengths), np.flatnonzero(lengths >= GRAM)
    if not len(long):
        return slots
    cell = np.tile(np.arange(CELLS, dtype=np.uint32) * _CELL, count)
    grams = rolling(payloads.codes + np.repeat(cell, np.diff(payloads.bounds)), (GRAM,))[GRAM]
    for back in range(1, GRAM):  # n-grams that run into the next record give way to one of the record's own
        last = offsets[long + 1] - back
        inside = last < len(grams)
        grams[last[inside]] = grams[offsets[long[inside]]]
    some = some[offsets[some] < len(grams)]
    for slot, multiplier in enumerate(_MULTIPLIERS):
        hashed = grams * multiplier
        hashed ^= hashed >> np.uint32(16)
        hashed *= _MULTIPLIERS[slot - 1]
        slots[some, slot] = np.minimum.reduceat(hashed, offsets[some])
    slots[lengths < GRAM] = 0
    return slots
