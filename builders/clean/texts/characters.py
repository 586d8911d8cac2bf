"""What kinds of characters texts consist of, whole columns at a time: one look-up a character for all that rules ask.

The kinds are those of regular expressions (`\\pL`, `\\p{Han}`, ...), asked once for every character, so a rule says the
same by a kind as by an expression, at a twentieth of the cost.
"""

from __future__ import annotations

from functools import cache, cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from builders.clean.texts.ngrams import sums

LETTER, JAPANESE_LETTER, KANA, KANJI, LATIN, DIGIT, NUMBER, BRACKET = (1 << bit for bit in range(8))
"""Kinds of characters, bits of one number: a character may be of several."""
JAPANESE = KANA | KANJI
_PATTERNS = {
    LETTER: r"\pL",
    JAPANESE_LETTER: r"[\p{Hiragana}\p{Katakana}\p{Han}ー]",
    KANA: r"[\p{Hiragana}\p{Katakana}]",
    KANJI: r"\p{Han}",
    LATIN: r"\p{Latin}",
    DIGIT: r"[0-9０-９]",
    NUMBER: r"\pN",
    BRACKET: r"[()\[\]{}「」『』【】〈〉《》（）［］｛｝｢｣]",
}
_NAMED = 0x34000  # characters behind it are of none of these kinds


class Characters:
    """The kinds of the characters of a column.

    Args:
        column: strings without nulls.
    """

    def __init__(self, column: pa.Array):
        _, places, data = column.buffers()
        bounds = np.frombuffer(places, np.int32)[column.offset : column.offset + len(column) + 1]
        raw = np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)
        text = raw[bounds[0] : bounds[-1]].tobytes().decode("utf-8")
        self.codes = np.frombuffer(text.encode("utf-32-le"), np.uint32)
        self.offsets = np.concatenate(([0], np.cumsum(pc.utf8_length(column).to_numpy(zero_copy_only=False)))).astype(
            np.int64
        )
        self.kinds = _table().take(self.codes, mode="clip")

    @cached_property
    def _of_text(self) -> np.ndarray:
        """The kinds of each text's characters together, uint8."""
        found = np.zeros(len(self.offsets) - 1, np.uint8)
        some = np.flatnonzero(np.diff(self.offsets))
        if len(some):
            found[some] = np.bitwise_or.reduceat(self.kinds, self.offsets[some])
        return found

    def have(self, kinds: int) -> np.ndarray:
        """Whether each text has a character of one of some kinds."""
        found: np.ndarray = (self._of_text & np.uint8(kinds)) != 0
        return found

    def count(self, kinds: int) -> np.ndarray:
        """How many characters of one of some kinds each text has, int64."""
        return sums((self.kinds & np.uint8(kinds)) != 0, self.offsets)


@cache
def _table() -> np.ndarray:
    """The kinds of each code point, uint8; those of the last one stand for all behind it."""
    codes = np.arange(_NAMED, dtype=np.uint32)
    codes[0xD800:0xE000] = 0  # halves of UTF-16 pairs stand in no text
    characters = pa.array(list(codes.tobytes().decode("utf-32-le")), pa.string())
    table = np.zeros(_NAMED, np.uint8)
    for kind, pattern in _PATTERNS.items():
        table[pc.match_substring_regex(characters, pattern).to_numpy(zero_copy_only=False)] |= kind
    table[(table & LETTER) == 0] &= ~np.uint8(JAPANESE_LETTER)
    return table
