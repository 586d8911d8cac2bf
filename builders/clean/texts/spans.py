"""From places in normalized payload back to the characters that a person reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from builders.clean.texts.normalize import CELLS, normalize


@dataclass(frozen=True)
class Span:
    """A stretch of one cell.

    Args:
        cell: number of the cell (`builders.clean.texts.payload.CELLS`).
        start, end: its first character, and the one behind its last.
    """

    cell: int
    start: int
    end: int


def locate(
    records: Sequence[Sequence[str]], starts: Sequence[int] | np.ndarray, ends: Sequence[int] | np.ndarray
) -> list[list[Span]]:
    """Finds the characters that stretches of normalized payload were made from, one in each of some records.

    Args:
        records: the payload of each as text, as `builders.clean.texts.payload.cells` gives it.
        starts, ends: of a stretch of all cells of each record, normalized, one after another (see
            `builders.clean.overlap.align.Hits`).

    Returns:
        For each record, a span for each cell that has a part of the stretch. Characters that normalization joins to one,
        or takes one out of many, are within the span as a whole.
    """
    if not records:
        return []
    texts = [cell for cells in records for cell in cells]
    lengths = _normalized_lengths(texts).reshape(len(records), -1)
    before = np.cumsum(lengths, axis=1) - lengths
    low = np.maximum(np.asarray(starts)[:, None] - before, 0).ravel()
    high = np.minimum(np.asarray(ends)[:, None] - before, lengths).ravel()
    inside = np.flatnonzero(low < high)
    chosen = [texts[place] for place in inside]
    first, last = np.maximum(_reaching(chosen, low[inside] + 1) - 1, 0), _reaching(chosen, high[inside])
    spans: list[list[Span]] = [[] for _ in records]
    for place, start, end in zip(inside.tolist(), first.tolist(), last.tolist(), strict=True):
        record, cell = divmod(place, lengths.shape[1])
        spans[record].append(Span(cell, start, end))
    return spans


def _reaching(texts: Sequence[str], lengths: np.ndarray) -> np.ndarray:
    """Characters of the shortest beginning of each text that normalizes to at least so many; all texts are halved at
    once, as a call of `normalize` costs more than a text."""
    low, high = np.zeros(len(texts), np.int64), np.array([len(text) + 1 for text in texts], np.int64)
    while (low < high).any():
        middle = (low + high) // 2
        reached = _normalized_lengths([text[:size] for text, size in zip(texts, middle.tolist(), strict=True)])
        low, high = (
            np.where(reached < lengths, np.minimum(middle + 1, high), low),
            np.where(reached < lengths, high, middle),
        )
    return low


def _normalized_lengths(texts: Sequence[str]) -> np.ndarray:
    column, empty = pa.array(texts, pa.string()), pa.array([""] * len(texts), pa.string())
    lengths: np.ndarray = np.diff(normalize([column, *[empty] * (CELLS - 1)]).offsets)
    return lengths
