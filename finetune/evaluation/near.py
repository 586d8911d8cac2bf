"""Texts that say nearly what another text says: what a letter, a word or an ending more or less leaves.

Texts are compared by their pieces of three letters, each weighed by how rare it is: the words that all questions are put
in count for little, a name for much. Only the pieces of the texts that are asked about are looked up, so that they can
be compared with millions in one pass. ``python -m finetune.evaluation.measure_near`` says what the limits are worth.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

GRAM = 3
ALIKE = 0.8
"""Share of a text's pieces, by weight, that the other holds, and of the other's length."""
PART = 0.6
"""Share of pieces that each part of a question has in common: where all else is equal, one word may make another question."""
SHORTEST = 8
"""Letters and digits of a text from which on its return is no chance."""
SAMPLE = 20_000
"""Texts by which the rarity of pieces is judged."""
COMPARED = 1_000_000
"""Pairs of texts compared at a time."""
ROUNDING = 1e-6
_NUMERAL = re.compile("[0-9〇一二三四五六七八九十百千万億兆]")


@dataclass(frozen=True)
class Limits:
    """From where on texts are nearly the same."""

    alike: float = ALIKE
    part: float = PART


USUAL = Limits()


def alike(
    asked: pl.Series, known: pl.Series, limit: float = ALIKE, usual: pl.Series | None = None
) -> Iterator[tuple[int, int]]:
    """Find texts that have nearly all in common.

    Args:
        asked: Letters and digits of texts.
        known: The same of those that they are compared with.
        limit: The share that they must have in common.
        usual: Texts that tell how rare a piece is; those of ``known`` if nothing is given.

    Yields:
        The place in ``asked`` and that in ``known`` of each two such texts.
    """
    pieces = np.unique(_grams(asked)[1])
    if not len(pieces) or not len(known):
        return
    usual = known if usual is None else usual
    sample = usual.gather_every(max(1, len(usual) // SAMPLE))
    rarity = np.log((len(sample) + 1) / np.maximum(_found(sample, pieces).sum(axis=0), 1))
    weighed = (_found(asked, pieces) * rarity).tocsr()
    needed, lengths = limit * weighed.sum(axis=1), asked.str.len_chars().to_numpy()
    telling = _telling(weighed, limit)
    rare = pieces[np.unique(telling.indices)]
    telling = telling[:, np.unique(telling.indices)].T.tocsr()
    at_a_time = max(100, COMPARED // len(asked))
    for start in range(0, len(known), at_a_time):
        part = known.slice(start, at_a_time)
        other, one = (_found(part, rare) @ telling).nonzero()
        fits = lengths[one] >= limit * part.str.len_chars().to_numpy()[other]
        other, one = other[fits], one[fits]
        texts, places = np.unique(other, return_inverse=True)
        common = _found(part.gather(texts), pieces)[places].multiply(weighed[one]).sum(axis=1)
        near = common >= needed[one]
        yield from zip(one[near].tolist(), (other[near] + start).tolist(), strict=True)


def same_part(one: str, other: str, limit: float = PART) -> bool:
    """Tell whether two instructions, or two inputs, by their letters and digits, share ``limit`` of their pieces."""
    if one == other:
        return True
    if min(len(one), len(other)) < SHORTEST:
        return False
    pieces, others = ({text[place : place + GRAM] for place in range(len(text) - GRAM + 1)} for text in (one, other))
    return len(pieces & others) >= limit * max(len(pieces), len(others))


def same_numbers(one: str, other: str) -> bool:
    """Tell whether two texts hold the same numerals: another number is another fact, whatever stands around it."""
    return _NUMERAL.findall(one) == _NUMERAL.findall(other)


def _telling(weighed: csr_array, limit: float) -> csr_array:
    """Of each text the rarest pieces: so many that a text without any of them cannot be alike."""
    rows, columns = np.repeat(np.arange(weighed.shape[0]), np.diff(weighed.indptr)), weighed.indices
    order = np.lexsort((-weighed.data, rows))
    weights = weighed.data[order]
    before = np.cumsum(weights) - weights
    before -= before[weighed.indptr[:-1]].repeat(np.diff(weighed.indptr))
    kept = order[before <= (1 - limit) * weighed.sum(axis=1)[rows] + ROUNDING]
    return csr_array((np.ones(len(kept)), (rows[kept], columns[kept])), shape=weighed.shape)


def _grams(texts: pl.Series) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The pieces of all texts, three code points in a number, and the place of each one's text."""
    codes = np.frombuffer("".join(texts).encode("utf-32-le"), "<u4").astype(np.int64)
    rows = np.repeat(np.arange(len(texts)), texts.str.len_chars().to_numpy())
    if len(codes) < GRAM:
        return rows[:0], codes[:0]
    within = rows[:-2] == rows[2:]
    return rows[:-2][within], (codes[:-2] << 42 | codes[1:-1] << 21 | codes[2:])[within]


def _found(texts: pl.Series, pieces: NDArray[np.int64]) -> csr_array:
    """Which of ``pieces``, sorted, each text holds: a row for each text, with 1 for each of them."""
    rows, grams = _grams(texts)
    places = np.searchsorted(pieces, grams)
    there = pieces[np.minimum(places, len(pieces) - 1)] == grams
    found = csr_array((np.ones(there.sum()), (rows[there], places[there])), shape=(len(texts), len(pieces)))
    found.sum_duplicates()
    found.data[:] = 1
    return found
