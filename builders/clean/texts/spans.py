"""From places in normalized payload back to the characters that a person reads."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from builders.clean.texts.normalize import normalize_text


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


def locate(cells: Sequence[str], start: int, end: int) -> list[Span]:
    """Finds the characters that a stretch of normalized payload was made from.

    Args:
        cells: payload of one record as text, as `builders.clean.texts.payload.cells` gives it.
        start, end: of a stretch of all cells, normalized, one after another (see `builders.clean.overlap.align.Hits`).

    Returns:
        A span for each cell that has a part of the stretch. Characters that normalization joins to one, or takes one
        out of many, are within the span as a whole.
    """
    spans, first = [], 0
    for number, cell in enumerate(cells):
        length = len(normalize_text(cell))
        low, high = max(start - first, 0), min(end - first, length)
        if low < high:
            spans.append(Span(number, max(_reaching(cell, low + 1) - 1, 0), _reaching(cell, high)))
        first += length
    return spans


def _reaching(text: str, length: int) -> int:
    """Characters of the shortest beginning of a text that normalizes to at least so many."""

    def normalized(size: int) -> int:
        return len(normalize_text(text[:size]))

    return bisect_left(range(len(text) + 1), length, key=normalized)
