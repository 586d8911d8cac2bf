"""What both sides of a pair write alike: numbers, however each writes them, and Latin words in Japanese."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from builders.clean.pairs.units import Hashes, Ints, Texts, read_texts

CARDINALS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
)
ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth"
TENS = "ten twenty thirty forty fifty sixty seventy eighty ninety hundred"
NUMBER_WORDS = {
    **{word: 10 * number for number, word in enumerate(TENS.split(), 1)},
    **{word: number for number, word in enumerate(CARDINALS.split())},
    **{word: number for number, word in enumerate(ORDINALS.split(), 1)},
    **{"once": 1, "twice": 2, "thousand": 1000},
}
"""English words for numbers that a Japanese text may write with digits."""
KANJI_NUMBERS = {**{kanji: number for number, kanji in enumerate("〇一二三四五六七八九十")}, "百": 100, "千": 1000}
"""Kanji for numbers that an English text may write with digits."""
SIZES = "百千万億兆"
"""Kanji that change the number before them: 5万 is 50,000, and no digits can be compared."""
_COMMA, _BEFORE_FRACTIONS = ord(","), list(map(ord, ":."))
_MOST_DIGITS = 15
"""Digits that a float holds."""


@dataclass(frozen=True)
class Marks:
    """Pieces of the texts of a column that can be compared with pieces of another.

    Args:
        owners: number of the text in which each stands.
        keys: of each, its text's number and what it says, as one number.
    """

    owners: Ints
    keys: Hashes

    @classmethod
    def of(cls, owners: Ints, values: Ints | Hashes) -> Marks:
        """Pieces that say a number, of which 32 bits count."""
        low = values.astype(np.uint64) & np.uint64(0xFFFFFFFF)
        return cls(owners, (owners.astype(np.uint64) << np.uint64(32)) | low)

    def among(self, *others: Marks) -> npt.NDArray[np.bool_]:
        """Whether each stands among the others of the same text."""
        known = np.sort(np.concatenate([other.keys for other in others]))
        if not len(known):
            return np.zeros(len(self.keys), bool)
        found: npt.NDArray[np.bool_] = known[np.minimum(np.searchsorted(known, self.keys), len(known) - 1)] == self.keys
        return found

    def counts(self, chosen: npt.NDArray[np.bool_], count: int) -> npt.NDArray[np.float64]:
        """How many of the chosen ones stand in each of `count` texts, up to 3."""
        return np.minimum(np.bincount(self.owners[chosen], minlength=count), 3).astype(float)


def read_numbers(texts: Texts, starts: Ints, ends: Ints) -> Marks:
    """The numbers that texts write with digits: 5,000 is one number, and the zeros of 4:00 and $5.00 are none.

    Args:
        starts, ends: of all runs of digits.
    """
    owners = texts.owners(starts)
    before = texts.codes[np.maximum(starts - 1, 0)]
    goes_on = np.zeros(len(starts), bool)
    goes_on[1:] = (starts[1:] == ends[:-1] + 1) & (before[1:] == _COMMA) & (ends - starts == 3)[1:]
    goes_on[1:] &= owners[1:] == owners[:-1]
    values = _values(texts, starts, ends, goes_on)
    no_fraction = (values > 0) | ~np.isin(before[~goes_on], _BEFORE_FRACTIONS)
    return Marks.of(owners[~goes_on][no_fraction], values[no_fraction])


def _values(texts: Texts, starts: Ints, ends: Ints, goes_on: npt.NDArray[np.bool_]) -> Ints:
    """The values of numbers; a run of digits that goes on is a part of the number before it."""
    size = ends - starts
    # the place of every digit in the column, and the number that it belongs to
    digits = np.arange(size.sum()) + np.repeat(starts - np.cumsum(size) + size, size)
    numbers = np.repeat(np.cumsum(~goes_on) - 1, size)
    behind = np.cumsum(np.bincount(numbers))[numbers] - 1 - np.arange(len(digits))
    powers = 10.0 ** np.minimum(behind, _MOST_DIGITS)
    return np.bincount(numbers, (texts.codes[digits] - ord("0")) * powers).astype(np.int64)


def read_number_words(hashes: Hashes, owners: Ints) -> Marks:
    """The numbers among English words, by their hashes."""
    known, values = _number_words()
    places = np.minimum(np.searchsorted(known, hashes), len(known) - 1)
    found = known[places] == hashes
    return Marks.of(owners[found], values[places[found]])


@cache
def _number_words() -> tuple[Hashes, Ints]:
    texts = read_texts(pa.array(list(NUMBER_WORDS)))
    hashes, values = texts.hashes(texts.offsets[:-1], texts.offsets[1:]), np.array(list(NUMBER_WORDS.values()))
    order = np.argsort(hashes)
    return hashes[order], values[order]


def read_kanji_numbers(texts: Texts) -> Marks:
    """The kanji of texts that are numbers."""
    values = _kanji_values()[texts.codes]
    places = np.flatnonzero(values >= 0)
    return Marks.of(texts.owners(places), values[places].astype(np.int64))


@cache
def _kanji_values() -> npt.NDArray[np.int16]:
    values = np.full(1 << 16, -1, np.int16)
    values[list(map(ord, KANJI_NUMBERS))] = list(KANJI_NUMBERS.values())
    return values


def have_sizes(texts: Texts, ends: Ints) -> npt.NDArray[np.bool_]:
    """Whether a text writes a number with a kanji for its size.

    Args:
        ends: of all runs of digits.
    """
    after = ends[ends < len(texts.codes)]
    owners = texts.owners(after)
    sized = np.isin(texts.codes[after], list(map(ord, SIZES))) & (owners == texts.owners(after - 1))
    found = np.zeros(texts.count, bool)
    found[owners[sized]] = True
    return found
