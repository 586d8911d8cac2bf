"""What can be measured of a Japanese and an English text side by side: translations found, gaps, lengths, numerals.

Every feature is oriented: more is better. `builders.clean.pairs.score` weighs them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from builders.clean.pairs.copies import Marks, have_sizes, read_kanji_numbers, read_number_words, read_numbers
from builders.clean.pairs.table import Fluency, TranslationTable, best_translation
from builders.clean.pairs.units import (
    DIGIT,
    HIRAGANA,
    LATIN,
    LONGEST,
    Hashes,
    Ints,
    Texts,
    find_ngrams,
    find_runs,
    read_texts,
    stem_ends,
)

Floats = npt.NDArray[np.float64]

_QUESTION, _EXCLAMATION, _STOP, _KA, _JAPANESE_STOP = map(ord, "?!.か。")
_MARKS = list(map(ord, ".,?!;:'"))
_MARK = np.uint8(100)
_PAIR = np.uint64(0xC2B2AE3D27D4EB4F)
_MOST_USUAL = 3
"""How much likelier (natural logarithm), or less likely, than by accident two words in a row are at most."""
_FLOORS = {"fluency": 0.4, "books": 10.0}
"""Added to counts of two words in a row: what is not known may yet be there. The books' list ends at a count of 21."""
_UNKNOWN_GAP = -0.5
"""How telling a word is that the table does not know."""


@dataclass(frozen=True)
class Pairs:
    """Some pairs of texts as units: what features are counted from.

    Args:
        japanese, english: the two sides.
        table: knows the units.
    """

    japanese: Texts
    english: Texts
    table: TranslationTable

    @cached_property
    def tokens(self) -> Tokens:
        """The English side's words, numbers and marks."""
        return read_tokens(self.english)

    @cached_property
    def words(self) -> tuple[Ints, Ints]:
        """Starts and ends of the English side's words and numbers."""
        are_words = self.tokens.kinds != _MARK
        return self.tokens.starts[are_words], self.tokens.ends[are_words]

    @cached_property
    def numbers(self) -> Ints:
        """Numbers of the English words in the table; -1 for one that it does not know."""
        starts, ends = self.words
        return self.table.english.numbers(self.english.hashes(starts, stem_ends(self.english, starts, ends)))

    @cached_property
    def stems(self) -> tuple[Ints, Ints]:
        """Numbers of the known English words, and the pairs they stand in."""
        known = np.flatnonzero(self.numbers >= 0)
        return self.numbers.take(known), self.english.owners(self.words[0].take(known))

    @cached_property
    def ngrams(self) -> tuple[Ints, Ints]:
        """Numbers of the known Japanese n-grams, and where they begin; shorter ones first."""
        numbers, places = [], []
        for size in range(1, LONGEST + 1):
            starts = find_ngrams(self.japanese, size)
            if size == 1:
                found = self.table.characters.take(self.japanese.codes.take(starts))
            else:
                found = self.table.japanese.numbers(self.japanese.hashes(starts, starts + size))
            known = np.flatnonzero(found >= 0)
            numbers.append(found.take(known))
            places.append(starts.take(known))
        return np.concatenate(numbers), np.concatenate(places)

    @cached_property
    def longest(self) -> tuple[Ints, Ints]:
        """Numbers and starts of the longest n-gram with a known translation at each character that begins one."""
        numbers, places = self.ngrams
        translated = np.flatnonzero(self.table.to_english.ranked[0][0].take(numbers))
        best = np.full(len(self.japanese.codes), -1)
        best[places.take(translated)] = numbers.take(translated)
        chosen = np.flatnonzero(best >= 0)
        return best.take(chosen), chosen


def read_pairs(japanese: pa.Array, english: pa.Array, table: TranslationTable) -> Pairs:
    """The units of two columns of the same length."""
    return Pairs(read_texts(japanese), read_texts(english), table)


def measure(pairs: Pairs, ratio: tuple[float, float]) -> Mapping[str, Floats]:
    """All features by name, a value a pair.

    Args:
        pairs: the two sides.
        ratio: median and spread of the length ratio in the corpus (see `length_ratio`).
    """
    gaps, translations = _translations(pairs)
    tokens = pairs.tokens
    usual = {name: _usual_neighbours(tokens, getattr(pairs.table, name), floor) for name, floor in _FLOORS.items()}
    return {
        **translations,
        **_lengths(pairs, ratio),
        **_fluency(tokens, usual, pairs.english.count),
        **_odd_words(pairs, gaps, tokens, usual["fluency"] + usual["books"]),
        **_copies(pairs),
        **_ends(pairs),
    }


def length_ratio(japanese: pa.Array, english: pa.Array) -> tuple[float, float]:
    """Median and spread (1.4826 times the median distance from it) of the logarithm of English to Japanese length."""
    lengths = [pc.utf8_length(side).to_numpy(zero_copy_only=False) for side in (japanese, english)]
    logarithms = np.log((lengths[1] + 4) / (lengths[0] + 2))
    median = float(np.median(logarithms))
    return median, max(float(1.4826 * np.median(np.abs(logarithms - median))), 0.1)


def _translations(pairs: Pairs) -> tuple[Floats, dict[str, Floats]]:
    """How much of each side the other side explains, and how bad its worst stretch is; first, by known English word."""
    table, count = pairs.table, pairs.english.count
    words = np.maximum(np.bincount(pairs.english.owners(pairs.words[0]), minlength=count), 1)
    letters = np.maximum(pairs.japanese.lengths(), 1)
    stems, stem_pairs = pairs.stems
    ngrams, places = pairs.ngrams
    best, best_places = pairs.longest
    best_pairs = pairs.japanese.owners(best_places)
    english = best_translation(stems, stem_pairs, ngrams, pairs.japanese.owners(places), table.to_japanese)
    japanese = best_translation(best, best_pairs, stems, stem_pairs, table.to_english)
    # in a long text a translation is found by accident more often
    english = np.where(english > 0, english - np.log(np.maximum(letters, 8) / 16)[stem_pairs], 0).clip(0)
    japanese = np.where(japanese > 0, japanese - np.log(np.maximum(words, 4) / 8)[best_pairs], 0).clip(0)
    found_english, found_japanese = _sums(english, stem_pairs, count), _sums(japanese, best_pairs, count)
    gaps = np.where(english > 0, english / 2, table.to_japanese.missing[stems])
    lacking = _sums(np.where(japanese > 0, 0, table.to_english.missing[best]), best_pairs, count)
    return gaps, {
        "english_found": found_english / (words + 1),
        "japanese_found": found_japanese / (letters + 1),
        "english_found_root": found_english / np.sqrt(words + 1),
        "japanese_found_root": found_japanese / np.sqrt(letters + 1),
        "japanese_lacking": lacking / (letters + 1),
        "japanese_lacking_root": lacking / np.sqrt(letters + 1),
        "english_gap": _worst_window(gaps, stem_pairs, 1, count),
        "english_gap_4": _worst_window(gaps, stem_pairs, 4, count),
    }


def _lengths(pairs: Pairs, ratio: tuple[float, float]) -> dict[str, Floats]:
    """How far the length ratio is from its source's usual one, from none and from one spread on."""
    english, japanese = pairs.english.lengths(), pairs.japanese.lengths()
    distance = (np.log((english + 4) / (japanese + 2)) - ratio[0]) / ratio[1]
    return {
        "not_long": -np.maximum(distance, 0),
        "not_very_long": -np.maximum(distance - 1, 0),
        "not_short": -np.maximum(-distance, 0),
        "not_very_short": -np.maximum(-distance - 1, 0),
    }


@dataclass(frozen=True)
class Tokens:
    """English words, numbers and marks, all texts one after the other.

    Args:
        starts, ends: where each begins and ends.
        kinds: `LATIN`, `DIGIT` or a mark.
        owners: number of the text in which it stands.
        hashes: of each; all numbers are one word.
        following: hashes of each and the one before it; the first of a text follows the text's beginning.
    """

    starts: Ints
    ends: Ints
    kinds: npt.NDArray[np.uint8]
    owners: Ints
    hashes: Hashes
    following: Hashes

    @cached_property
    def first(self) -> npt.NDArray[np.bool_]:
        """Whether it is the first of its text."""
        first: npt.NDArray[np.bool_] = np.diff(self.owners, prepend=-1) != 0
        return first


def read_tokens(texts: Texts) -> Tokens:
    """The words, numbers and marks of English texts."""
    kinds = texts.kinds | _mark_kinds()[texts.codes]
    starts, ends = find_runs(texts, kinds, (LATIN, DIGIT, int(_MARK)))
    kinds = kinds[starts]
    hashes = np.where(kinds == DIGIT, np.uint64(1), texts.hashes(starts, ends))
    owners = texts.owners(starts)
    before = np.concatenate([hashes[:1], hashes[:-1]])
    before[np.diff(owners, prepend=-1) != 0] = 2
    mixed = (before * _PAIR + hashes) * np.uint64(0x9E3779B97F4A7C15)
    return Tokens(starts, ends, kinds, owners, hashes, mixed >> np.uint64(32))


@cache
def _mark_kinds() -> npt.NDArray[np.uint8]:
    """The kind of a mark at the place of its character, 0 elsewhere."""
    kinds = np.zeros(1 << 16, np.uint8)
    kinds[_MARKS] = _MARK
    return kinds


def _usual_neighbours(tokens: Tokens, known: Fluency, floor: float) -> Floats:
    """How much oftener than by accident each token follows the one before it; 0 where one of them is hardly known."""
    here = _counts(known.counts, known.words.numbers(tokens.hashes))
    before = np.where(tokens.first, known.begins, np.concatenate([here[:1], here[:-1]]))
    together = _counts(known.pair_counts, known.pairs.numbers(tokens.following))
    value = np.log((together + floor) / (here * before / known.total + floor))
    usual: Floats = np.where((here >= 3) & (before >= 3), np.clip(value, -_MOST_USUAL, _MOST_USUAL), 0)
    return usual


def _fluency(tokens: Tokens, usual: Mapping[str, Floats], count: int) -> dict[str, Floats]:
    """How usual the English order of words is: words left out or replaced leave unusual neighbours."""
    size = np.bincount(tokens.owners, minlength=count) + 1
    lost = {f"{name}_lost": _sums(np.minimum(values, 0), tokens.owners, count) / size for name, values in usual.items()}
    return {"books": _sums(usual["books"], tokens.owners, count) / size, **lost}


def _odd_words(pairs: Pairs, gaps: Floats, tokens: Tokens, usual: Floats) -> dict[str, Floats]:
    """Words without a translation that do not suit their neighbours either: each alone is common, both are not."""
    count = pairs.english.count
    at = np.zeros(len(pairs.english.codes))
    starts, numbers = pairs.words[0], pairs.numbers
    at[starts] = np.where(pairs.english.kinds[starts] == LATIN, _UNKNOWN_GAP, 0)
    at[starts[numbers >= 0]] = gaps
    gap = at[tokens.starts]
    after = np.where(np.append(tokens.first[1:], True), 0, np.append(usual[1:], 0.0))
    suits = np.minimum(usual, 4) + np.minimum(after, 4)
    value = np.minimum(gap, 1) + suits / 4
    product = -np.sqrt(np.maximum(-gap, 0) * np.maximum(1 - suits, 0))
    size = np.bincount(tokens.owners, minlength=count) + 1
    odd = _sums(np.minimum(value, 0), tokens.owners, count)
    return {
        "odd_words": odd / size,
        "odd_words_root": odd / np.sqrt(size),
        "odd_and_missing": _sums(product, tokens.owners, count) / size,
    }


def _copies(pairs: Pairs) -> dict[str, Floats]:
    """Numbers and Latin words that stand on both sides, or on one only."""
    japanese, english, tokens, count = pairs.japanese, pairs.english, pairs.tokens, pairs.english.count
    starts, ends = find_runs(japanese, japanese.kinds, (LATIN, DIGIT))
    are_numbers = japanese.kinds[starts] == DIGIT
    left = read_numbers(japanese, starts[are_numbers], ends[are_numbers])
    number_tokens = tokens.kinds == DIGIT
    right = read_numbers(english, tokens.starts[number_tokens], tokens.ends[number_tokens])
    beside = _in_texts_of(left, tokens.owners, count)
    in_english = left.among(right, read_number_words(tokens.hashes[beside], tokens.owners[beside]))
    in_japanese = right.among(left, read_kanji_numbers(japanese))
    comparable = ~have_sizes(japanese, ends[are_numbers])
    starts, ends = starts[~are_numbers], ends[~are_numbers]
    words = Marks.of(japanese.owners(starts), japanese.hashes(starts, ends))
    beside = _in_texts_of(words, tokens.owners, count)
    copied = words.among(Marks.of(tokens.owners[beside], tokens.hashes[beside]))
    return {
        "numbers_both": left.counts(in_english, count),
        "numbers_only_japanese": -left.counts(~in_english, count) * comparable,
        "numbers_only_english": -right.counts(~in_japanese, count) * comparable,
        "words_both": words.counts(copied, count),
        "words_only_japanese": -words.counts(~copied, count),
    }


def _in_texts_of(marks: Marks, owners: Ints, count: int) -> npt.NDArray[np.bool_]:
    """Which owners have any of the marks: only they are compared."""
    have = np.zeros(count, bool)
    have[marks.owners] = True
    return have[owners]


def _ends(pairs: Pairs) -> dict[str, Floats]:
    """Whether both sides ask or state, both are ended, and the Japanese side is Japanese at all."""
    japanese, english, count = pairs.japanese, pairs.english, pairs.english.count
    asks_english = np.bincount(english.owners(np.flatnonzero(english.codes == _QUESTION)), minlength=count) > 0
    last, second = _last(japanese, 1), _last(japanese, 2)
    asks_japanese = (last == _QUESTION) | (last == _KA) | ((last == _JAPANESE_STOP) & (second == _KA))
    ended_japanese = np.isin(last, (_JAPANESE_STOP, _QUESTION, _EXCLAMATION, _STOP))
    ended_english = np.isin(_last(english, 1), list(map(ord, ".?!\"')")))
    letters = np.bincount(japanese.owners(np.flatnonzero(japanese.kinds >= HIRAGANA)), minlength=count)
    return {
        "asks_both": (asks_english & asks_japanese).astype(float),
        "asks_only_english": -(asks_english & ~asks_japanese).astype(float),
        "asks_only_japanese": -(asks_japanese & ~asks_english).astype(float),
        "ended_only_japanese": -(ended_japanese & ~ended_english).astype(float),
        "no_japanese": -(letters == 0).astype(float),
    }


def _last(texts: Texts, back: int) -> npt.NDArray[np.int64]:
    """The character that many places before the end of each text; 0 where there is none."""
    there = texts.lengths() >= back
    codes = np.zeros(len(there), np.int64)
    codes[there] = texts.codes[texts.offsets[1:][there] - back]
    return codes


def _counts(counts: npt.NDArray[np.float32], numbers: Ints) -> Floats:
    return np.append(counts, 0.0).take(numbers, mode="wrap")


def _sums(values: npt.NDArray[np.floating], owners: Ints, count: int) -> Floats:
    sums: Floats = np.bincount(owners, values, minlength=count).astype(np.float64)
    return sums


def _worst_window(values: npt.NDArray[np.floating], owners: Ints, size: int, count: int) -> Floats:
    """The lowest sum of `size` values in a row within one pair; 0 at most."""
    worst = np.zeros(count)
    if len(values) >= size:
        sums = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
        inside = np.flatnonzero(owners[size - 1 :] == owners[: len(owners) - size + 1])
        first = np.flatnonzero(np.diff(owners[inside], prepend=-1))
        lowest = np.minimum.reduceat(sums[inside + size] - sums[inside], first) if len(first) else sums[:0]
        worst[owners[inside[first]]] = np.minimum(lowest, 0)
    return worst
