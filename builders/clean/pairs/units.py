"""Words and character n-grams of whole columns as numbers: code points, runs and hashes, without a loop per text.

A text is folded first: NFKC and lower case, one character for one character. A hash of a piece of text is the
difference of two prefix sums of a polynomial (modulo 2**64), so any piece costs the same few array operations. Hashes
are the same on every machine: tables on disk rely on that.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]
Codes = npt.NDArray[np.uint16]

OTHER, LATIN, DIGIT, HIRAGANA, KATAKANA, KANJI = range(6)
LONGEST = 4
"""Characters of the longest n-gram."""
_BASE = 0x9E3779B97F4A7C15
_INVERSE = pow(_BASE, -1, 1 << 64)
_MIX = np.uint64(0xD6E8FEB86659FD93)
_OFFSET = np.uint64(7)


@dataclass(frozen=True)
class Texts:
    """A column as one array of folded characters.

    Args:
        codes: UTF-16 code units of the folded characters, all texts one after the other; 0xFFFD beyond the BMP.
        offsets: where each text begins, and the end of the last one.
        kinds: one of `LATIN`, `DIGIT`, `HIRAGANA`, `KATAKANA`, `KANJI`, `OTHER` a character.
        prefix: prefix sums from which hashes come, one more than characters.
    """

    codes: Codes
    offsets: Ints
    kinds: npt.NDArray[np.uint8]
    prefix: Hashes

    @property
    def count(self) -> int:
        """Number of texts."""
        return len(self.offsets) - 1

    def lengths(self) -> Ints:
        """Characters of each text."""
        return np.diff(self.offsets)

    @cached_property
    def _owner(self) -> Ints:
        return np.repeat(np.arange(self.count), self.lengths())

    def owners(self, positions: Ints) -> Ints:
        """Number of the text in which each character stands."""
        return self._owner.take(positions)

    def hashes(self, starts: Ints, ends: Ints) -> Hashes:
        """A well mixed 32-bit hash of each piece, in 64 bits."""
        _, inverse = _powers(len(self.prefix))
        return _mixed((self.prefix.take(ends) - self.prefix.take(starts)) * inverse.take(starts))


def _mixed(raw: Hashes) -> Hashes:
    mixed: Hashes = ((raw ^ (raw >> np.uint64(32))) * _MIX) >> np.uint64(32)
    return mixed


def character_hashes() -> Hashes:
    """The hash of each folded character of the BMP by itself."""
    return _mixed(np.arange(1 << 16, dtype=np.uint64) + _OFFSET)


def read_texts(column: pa.Array | pa.ChunkedArray) -> Texts:
    """Folds a column of strings; null is an empty text."""
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    column = pc.fill_null(column, "").cast(pa.large_string())
    offsets = np.zeros(len(column) + 1, np.int64)
    np.cumsum(pc.utf8_length(column).to_numpy(zero_copy_only=False), out=offsets[1:])
    _, places, data = column.buffers()
    first, last = np.frombuffer(places, np.int64)[[column.offset, column.offset + len(column)]]
    raw = data.slice(int(first), int(last - first)).to_pybytes() if data is not None else b""
    wide = np.frombuffer(raw.decode("utf-8").encode("utf-32-le"), np.uint32)
    codes = folding()[np.where(wide < 1 << 16, wide, 0xFFFD).astype(np.uint16)]
    powers, _ = _powers(len(codes) + 1)
    prefix = np.zeros(len(codes) + 1, np.uint64)
    np.cumsum((codes.astype(np.uint64) + _OFFSET) * powers[: len(codes)], out=prefix[1:])
    return Texts(codes, offsets, character_kinds()[codes], prefix)


def find_runs(texts: Texts, kinds: npt.NDArray[np.uint8], wanted: Sequence[int]) -> tuple[Ints, Ints]:
    """Starts and ends of the longest pieces of one kind of character within a text.

    Args:
        texts: the column.
        kinds: a kind a character; often `texts.kinds`.
        wanted: kinds whose runs are returned, in the order of the column.
    """
    cut = np.ones(len(kinds) + 1, bool)
    cut[1:-1] = kinds[1:] != kinds[:-1]
    cut[texts.offsets] = True
    borders = np.flatnonzero(cut)
    starts, ends = borders[:-1], borders[1:]
    if not len(kinds):
        return starts[:0], starts[:0]
    is_wanted = np.zeros(256, bool)
    is_wanted[list(wanted)] = True
    chosen = is_wanted[kinds[starts]]
    return starts[chosen], ends[chosen]


def stem_ends(texts: Texts, starts: Ints, ends: Ints) -> Ints:
    """Ends of English words without -ing, -ed, -s, a doubled last consonant or a last e: one form for `stop, stopped`.

    It is no linguistic stem; words only have to fall together.
    """
    codes, size = texts.codes, ends - starts
    last, second, third = (codes[np.maximum(ends - back, 0)] for back in (1, 2, 3))
    ing = (size > 5) & (last == ord("g")) & (second == ord("n")) & (third == ord("i"))
    past = (size > 4) & (last == ord("d")) & (second == ord("e"))
    plural = (size > 3) & (last == ord("s")) & (second != ord("s"))
    ends = np.where(ing, ends - 3, np.where(past, ends - 2, np.where(plural, ends - 1, ends)))
    ends = np.where((ends - starts > 3) & (codes[ends - 1] == ord("e")), ends - 1, ends)
    last, second = codes[ends - 1], codes[np.maximum(ends - 2, 0)]
    doubled = (ends - starts > 3) & (last == second) & ~np.isin(last, (ord("l"), ord("s")))
    return np.where(doubled, ends - 1, ends)


def find_ngrams(texts: Texts, size: int) -> Ints:
    """Starts of all pieces of `size` characters that hold letters or digits only and stay within a text."""
    if len(texts.codes) < size:
        return np.zeros(0, np.int64)
    letters = texts.kinds != OTHER
    good = letters[: len(letters) - size + 1].copy()
    letters[texts.offsets[1:-1][texts.lengths()[1:] > 0]] = False  # none but the first of a piece may begin a text
    for ahead in range(1, size):
        good &= letters[ahead : len(letters) - size + 1 + ahead]
    return np.flatnonzero(good)


@cache
def folding() -> Codes:
    """The folded character of each character of the BMP: NFKC, lower case, Latin letters without accents."""
    table = np.arange(1 << 16, dtype=np.uint16)
    for code in range(1 << 16):
        if 0xD800 <= code < 0xE000:
            continue
        folded = unicodedata.normalize("NFKC", chr(code)).lower()
        if code < 0x250:
            folded = unicodedata.normalize("NFKD", folded)[:1]
        if len(folded) == 1 and ord(folded) < 1 << 16:
            table[code] = ord(folded)
    table[0x2019] = ord("'")
    return table


@cache
def character_kinds() -> npt.NDArray[np.uint8]:
    """The kind of each folded character of the BMP."""
    kinds = np.full(1 << 16, OTHER, np.uint8)
    kinds[ord("a") : ord("z") + 1] = LATIN
    kinds[ord("0") : ord("9") + 1] = DIGIT
    kinds[0x3041:0x3097] = HIRAGANA
    kinds[0x30A1:0x30FB] = KATAKANA
    kinds[0x30FC] = KATAKANA
    kinds[0x3400:0xA000] = KANJI
    kinds[0x3005] = KANJI
    return kinds


_POWERS: list[Hashes] = []


def _powers(count: int) -> tuple[Hashes, Hashes]:
    """Powers of the base and of its inverse, at least `count`; kept, since every batch needs the same."""
    if not _POWERS or len(_POWERS[0]) < count:
        size = max(count, 1 << 16)
        tables = []
        for factor in (_BASE, _INVERSE):
            powers = np.full(size, np.uint64(factor))
            powers[0] = 1
            tables.append(np.cumprod(powers))
        _POWERS[:] = tables
    return _POWERS[0], _POWERS[1]
