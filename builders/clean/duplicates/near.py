"""The rule that decides whether one record is a near duplicate of another, exactly, character by character.

Cells are compared each with its counterpart, so a pair and its reverse have nothing in common. A cell repeats another
where the shorter is the longer without its first or last words. Where all other cells are equal, one cell may also
differ by one letter, or by some words within it. A digit more or less is another fact and never a duplicate.
"""

from __future__ import annotations

import numpy as np

from builders.clean.texts.ngrams import ranges, sums
from builders.clean.texts.normalize import CELLS, Payloads

ALIKE = 0.9
"""Share of the longer cell that the shorter must be."""
ONE_LETTER = 12
"""Characters of a cell from which on one letter may differ."""
WORDS = 40
"""Characters of a cell from which on words may be added."""
ANCHOR = 8
"""Characters that the other cells must have together, where one cell of under `WORDS` differs in the middle."""
_NUMERALS = np.array([ord(letter) for letter in "0123456789〇一二三四五六七八九十百千万億兆"], np.uint32)
_FIRST_LOOK = np.arange(0.05, 1, 0.1)  # shares of a cell's length
_WORDS_WITHIN = 3  # a shorter insertion in the middle of a text is a syllable that may turn its meaning


def is_near(payloads: Payloads, kept: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Which records are near duplicates.

    Args:
        payloads: payload of records.
        kept, other: numbers of records, a pair at each place; the kept one is not shorter.

    Returns:
        Boolean mask of the pairs whose other record says nothing that the kept one does not say.
    """
    near = np.zeros(len(kept), bool)
    likely = np.flatnonzero(_is_likely(payloads, kept, other))
    near[likely] = _decide(payloads, kept[likely], other[likely])
    return near


def _is_likely(payloads: Payloads, kept: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Pairs that agree at some places of every cell, counted from its beginning or from its end: a cheap first look."""
    likely = np.ones(len(kept), bool)
    if not len(payloads.codes):
        return likely
    for cell in range(CELLS):
        first, second = (payloads.bounds[CELLS * records + cell] for records in (kept, other))
        end_first, end_second = (payloads.bounds[CELLS * records + cell + 1] for records in (kept, other))
        size = np.minimum(end_first - first, end_second - second)
        distance = (size[:, None] * _FIRST_LOOK).astype(np.int64)
        pairs = ((first, second, distance), (end_first - size, end_second - size, distance))
        same = [
            payloads.codes.take(one[:, None] + steps, mode="clip")
            == payloads.codes.take(two[:, None] + steps, mode="clip")
            for one, two, steps in pairs
        ]
        likely &= (size == 0) | ((same[0] | same[1]).sum(axis=1) >= len(_FIRST_LOOK) - 2)
    return likely


def _decide(payloads: Payloads, kept: np.ndarray, other: np.ndarray) -> np.ndarray:
    equal, at_edge, within = (np.empty((len(kept), CELLS), bool) for _ in range(3))
    lengths = np.diff(payloads.bounds).reshape(-1, CELLS)
    for cell in range(CELLS):
        equal[:, cell], at_edge[:, cell], within[:, cell] = _compare(payloads, kept, other, cell)
    anchored = ((lengths[kept] * equal).sum(axis=1) >= ANCHOR) | (lengths[kept].max(axis=1) >= WORDS)
    one_differs = (equal.sum(axis=1) == CELLS - 1) & anchored
    near: np.ndarray = (equal | at_edge).all(axis=1) | one_differs & (equal | at_edge | within).all(axis=1)
    return near


def _compare(payloads: Payloads, kept: np.ndarray, other: np.ndarray, cell: int) -> tuple[np.ndarray, ...]:
    """Whether a cell is equal, lacks words at an edge, or differs in one letter or some words in the middle."""
    first, second = (payloads.bounds[CELLS * records + cell] for records in (kept, other))
    end_first, end_second = (payloads.bounds[CELLS * records + cell + 1] for records in (kept, other))
    size, other_size = end_first - first, end_second - second
    shorter = np.minimum(size, other_size)
    before = _common(payloads.codes, first, second, shorter, 1)
    behind = np.minimum(_common(payloads.codes, end_first - 1, end_second - 1, shorter, -1), shorter - before)
    more, less = size - before - behind, other_size - before - behind
    equal = (more == 0) & (less == 0)
    numbers = _has_numeral(payloads.codes, first + before, more) | _has_numeral(payloads.codes, second + before, less)
    added = (less == 0) & (size >= WORDS) & (other_size >= ALIKE * size) & ~numbers
    at_edge = added & ((before == 0) | (behind == 0))
    letter = (np.maximum(more, less) <= 1) & (shorter >= ONE_LETTER) & ~numbers
    return equal, at_edge, letter | added & (more >= _WORDS_WITHIN)


def _common(codes: np.ndarray, first: np.ndarray, second: np.ndarray, length: np.ndarray, step: int) -> np.ndarray:
    """How many characters are equal from two places on, forwards or backwards."""
    distance, bounds = ranges(np.zeros(len(length), np.int64), length)
    distance *= step
    different = np.flatnonzero(
        codes[np.repeat(first, length) + distance] != codes[np.repeat(second, length) + distance]
    )
    next_one = np.append(different, bounds[-1])[np.searchsorted(different, bounds[:-1])]
    common: np.ndarray = np.minimum(next_one - bounds[:-1], length)
    return common


def _has_numeral(codes: np.ndarray, start: np.ndarray, length: np.ndarray) -> np.ndarray:
    places, bounds = ranges(start, length)
    return sums(np.isin(codes[places], _NUMERALS), bounds) > 0
