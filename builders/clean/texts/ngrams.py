"""Hashes of all character n-grams of a long array of code points, and arithmetic on ragged arrays."""

from __future__ import annotations

import numpy as np

_MIX = np.uint32(0x9E3779B1)
_BASE = 0x01000193  # odd, so that multiplying by it loses no bits


def rolling(codes: np.ndarray, sizes: tuple[int, ...]) -> dict[int, np.ndarray]:
    """Hashes of the n-grams that begin at each place, by n.

    Hashes of different n-grams are equal with a chance of about 1 in 4 billion.

    Args:
        codes: code points, uint32.
        sizes: the values of n, ascending; a size that is the sum of two others costs least.

    Returns:
        By size, uint32 arrays of `len(codes) - size + 1` numbers; n-grams run across the ends of texts.
    """
    mixed = codes * _MIX
    mixed ^= mixed >> np.uint32(15)
    grams = {1: mixed}
    for size in sizes:
        _make(grams, size)
    return {size: grams[size] for size in sizes}


def _make(grams: dict[int, np.ndarray], size: int) -> None:
    """Adds the hashes of one size, and of what they are put together from."""
    if size in grams:
        return
    first = max((part for part in grams if size - part in grams), default=1 << (size - 1).bit_length() - 1)
    second = size - first
    _make(grams, first)
    _make(grams, second)
    count = max(len(grams[1]) - size + 1, 0)
    joined = grams[first][:count] * np.uint32(pow(_BASE, second, 1 << 32))
    joined += grams[second][first : first + count]
    grams[size] = joined


def ranges(starts: np.ndarray, lengths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The numbers of several ranges, one after another.

    Args:
        starts, lengths: of the ranges, int64.

    Returns:
        All numbers, and where each range begins among them (one more than there are ranges).
    """
    bounds = np.concatenate(([0], np.cumsum(lengths, dtype=np.int64)))
    numbers = np.arange(bounds[-1], dtype=np.int64)
    numbers += np.repeat(starts - bounds[:-1], lengths)
    return numbers, bounds


def sums(values: np.ndarray, bounds: np.ndarray) -> np.ndarray:
    """Sum of each stretch of an array of whole numbers or booleans, int64; 0 for an empty one.

    Args:
        values: numbers.
        bounds: where the stretches begin, and the end, ascending.
    """
    reached = np.concatenate(([0], np.cumsum(values, dtype=np.int64)))
    total: np.ndarray = reached[bounds[1:]] - reached[bounds[:-1]]
    return total


def first_of_each(*columns: np.ndarray) -> np.ndarray:
    """Mask of the rows that differ from the row before, in sorted columns."""
    new = np.ones(len(columns[0]), bool)
    new[1:] = False
    for column in columns:
        new[1:] |= column[1:] != column[:-1]
    return new


def rank_in_run(values: np.ndarray) -> np.ndarray:
    """For each value of a sorted array, how many equal ones stand before it."""
    place = np.arange(len(values))
    return place - np.maximum.accumulate(np.where(first_of_each(values), place, 0))
