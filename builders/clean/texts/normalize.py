"""Normalized texts as arrays of code points: what is compared, counted and hashed by the rules of this package.

NFKC, lower case, and no white space, punctuation or decoration. A sign in front of a digit (-1, 1.5, 10:30) is part of
the number and stays. Everything runs over whole columns; only rows with characters that NFKC joins or takes apart
(half-width kana with a voicing mark, ㍻, ½) go through Python one by one.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

CELLS = 3
"""Cells of a record: what the corpus gave to its instruction, its input and its output."""
_SEPARATOR = "\x1f"  # the ASCII unit separator stands between the cells of a record while they are normalized
_SIGNS = "-.:/"
_SIGN_CODES = np.array([ord(sign) for sign in _SIGNS], np.uint32)
_SIGN = 1 << 22  # codes from here on stand for a sign of which it is not yet known whether it belongs to a number
_ENTANGLED = np.uint32(1 << 24)
_MINUS = 0x2212
_NAMED = 0x30000  # behind it are CJK ideographs, which NFKC keeps, and characters for private use
_IGNORED = (range(0xFE00, 0xFE10), range(0xE0000, 0xE0200))  # variation selectors and tags choose a glyph, no letter


@dataclass(frozen=True)
class Payloads:
    """Normalized cells of records, one after another in one array.

    Args:
        codes: code points of all cells, uint32.
        bounds: where cells begin, int64, one number per cell and one for the end: cell `c` of record `r` is
            `codes[bounds[CELLS * r + c] : bounds[CELLS * r + c + 1]]`.
    """

    codes: np.ndarray
    bounds: np.ndarray

    def __len__(self) -> int:
        return len(self.bounds) // CELLS

    @property
    def offsets(self) -> np.ndarray:
        """Where records begin in `codes`, and the end; int64, one more than there are records."""
        return self.bounds[::CELLS]

    @classmethod
    def joined(cls, parts: Sequence[Payloads]) -> Payloads:
        """Payloads of several lots of records, one after another."""
        starts = np.concatenate(([0], np.cumsum([len(part.codes) for part in parts]))).astype(np.int64)
        bounds = [part.bounds[:-1] + start for part, start in zip(parts, starts, strict=False)]
        return cls(np.concatenate([part.codes for part in parts]), np.concatenate([*bounds, starts[-1:]]))

    def text(self, record: int) -> str:
        """All cells of one record as one text."""
        return as_text(self.record(record))

    def record(self, record: int) -> np.ndarray:
        """All cells of one record as code points."""
        first, last = self.offsets[record : record + 2]
        return self.codes[first:last]

    def cells(self, record: int) -> list[str]:
        """The cells of one record, as texts."""
        bounds = self.bounds[CELLS * record : CELLS * (record + 1) + 1]
        return [as_text(self.codes[first:last]) for first, last in zip(bounds[:-1], bounds[1:], strict=True)]


def as_text(codes: np.ndarray) -> str:
    """The text that an array of code points (uint32) stands for."""
    return codes.astype("<u4").tobytes().decode("utf-32-le")


def normalize_text(text: str) -> np.ndarray:
    """Code points of one normalized text, uint32."""
    return normalize([pa.array([text], pa.string()), *[pa.array([""], pa.string())] * (CELLS - 1)]).codes


def normalize(cells: Sequence[pa.Array]) -> Payloads:
    """Normalizes the cells of records.

    Args:
        cells: `CELLS` string arrays of the same length, without nulls.
    """
    joined = pc.binary_join_element_wise(*cells, "", _SEPARATOR)
    codes = _code_points(joined)
    ends = np.flatnonzero(codes == ord(_SEPARATOR))
    if len(ends) != CELLS * len(joined):
        return normalize([pc.replace_substring(cell, _SEPARATOR, " ") for cell in cells])
    mapped = _table().take(codes, mode="clip")
    entangled = np.flatnonzero(mapped & _ENTANGLED)
    if len(entangled):
        records = np.unique(np.searchsorted(ends, entangled) // CELLS)
        mapped = _table().take(_code_points(_composed(joined, records)), mode="clip") & ~_ENTANGLED
    return _without_signs(mapped[mapped != 0])


def _without_signs(codes: np.ndarray) -> Payloads:
    """Takes out signs outside of numbers, and the separators, whose places become the bounds."""
    signs = np.flatnonzero(codes >= _SIGN)
    around = np.pad(codes, 1) if len(signs) else codes
    before, after = around[signs], around[signs + 2]
    letter = (before >= ord("a")) & (before <= ord("z")) | (before > 0x7F) & (before < _SIGN)
    decimal = (codes[signs] == _SIGN) | _is_digit(before)
    stays = _is_digit(after) & ~letter & decimal
    codes[signs] = np.where(stays, _SIGN_CODES[codes[signs] % _SIGN], 0)
    dropped = signs[~stays]
    ends = np.flatnonzero(codes == ord(_SEPARATOR))
    bounds = ends - np.arange(len(ends)) - np.searchsorted(dropped, ends)
    codes[ends] = 0
    return Payloads(codes[codes != 0], np.concatenate(([0], bounds)))


def _is_digit(codes: np.ndarray) -> np.ndarray:
    return (codes >= ord("0")) & (codes <= ord("9"))


def _code_points(texts: pa.Array) -> np.ndarray:
    """Code points of all texts, one after another, uint32."""
    _, bounds, data = texts.buffers()
    if not len(texts) or data is None:
        return np.zeros(0, np.uint32)
    first, last = np.frombuffer(bounds, np.int32)[[texts.offset, texts.offset + len(texts)]]
    return np.frombuffer(str(memoryview(data)[first:last], "utf-8").encode("utf-32-le"), "<u4")


def _composed(texts: pa.Array, rows: np.ndarray) -> pa.Array:
    """The texts with NFKC done in full for some rows."""
    mask = np.zeros(len(texts), bool)
    mask[rows] = True
    full = [unicodedata.normalize("NFKC", text) for text in texts.take(pa.array(rows)).to_pylist()]
    return pc.replace_with_mask(texts, pa.array(mask), pa.array(full, texts.type))


@cache
def _table() -> np.ndarray:
    """By code point: what becomes of it; 0 where it is dropped, marked where NFKC must see the characters around it."""
    table = np.arange(sys.maxunicode + 1, dtype=np.uint32)
    for code in range(_NAMED):
        character = chr(code)
        kept = "".join(filter(_counts, unicodedata.normalize("NFKC", character).lower()))
        table[code] = ord(kept) if len(kept) == 1 else ord(character.lower()[0]) if kept else 0
        if len(kept) > 1 or _joins(character):
            table[code] |= _ENTANGLED
    for ignored in _IGNORED:
        table[ignored] = 0
    table[_MINUS] = ord("-")
    for number, sign in enumerate(_SIGNS):
        table[table == ord(sign)] = _SIGN + number
    table[ord(_SEPARATOR)] = ord(_SEPARATOR)
    return table


def _counts(character: str) -> bool:
    """Whether a character says something: letters, digits, marks, and signs of mathematics and money."""
    category = unicodedata.category(character)
    return character in _SIGNS or (category[0] in "LNM" or category in ("Sm", "Sc", "Co", "Cn")) and character != "~"


def _joins(character: str) -> bool:
    """Whether a character may become one with the one before it."""
    return any(
        unicodedata.combining(part) != 0 or unicodedata.category(part) == "Mc" or "\u1100" <= part <= "\u11ff"
        for part in unicodedata.normalize("NFKC", character)
    )
