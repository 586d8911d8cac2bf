"""From places in normalized payload back to the characters that a person reads."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from builders.clean.normalize import normalize_text


@dataclass(frozen=True)
class Span:
    """A stretch of one cell.

    Args:
        cell: number of the cell (`builders.clean.payload.CELLS`).
        start, end: its first character, and the one behind its last.
    """

    cell: int
    start: int
    end: int


def locate(cells: Sequence[str], start: int, end: int) -> list[Span]:
    """Finds the characters that a stretch of normalized payload was made from.

    Args:
        cells: payload of one record as text, as `builders.clean.payload.cells` gives it.
        start, end: of a stretch of all cells, normalized, one after another (see `builders.clean.align.Hits`).

    Returns:
        A span for each cell that has a part of the stretch. Characters that normalization joins to one, or takes one
        out of many, are within the span as a whole.
    """
    spans, first = [], 0
    for number, cell in enumerate(cells):
        length = len(normalize_text(cell))
        low, high = max(start - first, 0), min(end - first, length)
        if low < high:
            last = bisect_left(range(len(cell) + 1), high, key=lambda size, cell=cell: len(normalize_text(cell[:size])))
            begin = bisect_left(range(last), low + 1, key=lambda size, cell=cell: len(normalize_text(cell[:size])))
            spans.append(Span(number, max(begin - 1, 0), last))
        first += length
    return spans
