"""Rules over any text: left-over markup, brackets, repetitions, lengths, rewritings that change nothing, licenses."""

from __future__ import annotations

from functools import reduce

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from builders.clean.pairs.score import is_pair
from builders.clean.pairs.units import DIGIT, LATIN, OTHER, Ints, Texts, find_runs, read_texts
from builders.clean.rules.rule import Hits, Kind, Rule, Threshold, Thresholds
from builders.clean.texts.characters import BRACKET, LETTER, NUMBER, Characters

ALL = ("*",)
PROSE = ("translation-*", "knowledge-*", "jsquad", "wikinews", "papers", "easy-ja", "typo-correction")
"""Configs in which code and markup are no subject of the texts."""
PAYLOAD = ("instruction", "input", "output")

TAGS = "a|b|big|blockquote|br|center|code|div|em|font|gallery|h[1-6]|hr|i|img|li|math|nowiki|ol|p|pre|ref|s|small|span"
MARKUP = (
    r"\b(formula|codice)_\d+"
    rf"|</?(?i:{TAGS}|strike|strong|sub|sup|table|td|th|tr|u|ul)(\s[^<>]*)?/?>|<!--"
    r"|&(#\d+|#x[0-9a-fA-F]+|amp|lt|gt|quot|nbsp|apos|mdash|ndash|hellip);"
    r"|\[\[[^\[\]\d][^\[\]]*\]\]|\{\{[^{}]+\}\}|'''[\pL「『][^']*'''|==+ [^=\n]{1,40} ==|\{\||\|-\n|__[A-Z]+__"
)
NON_COMMERCIAL = r"(?i)\bnc\b|noncommercial|non-commercial"
# Brackets that stand alone by right: enumerations, faces, half-open intervals, closing ones of quoted list marks.
LONE = (
    r"(^|[\s。、,;：])([0-9０-９]{1,2}|[a-zA-Zａ-ｚ]|[ivx]{1,4}|[①-⑳])\s?[)）]|[:;=：；]['-]?[()（）\[\]]|[(（]\^_\^[)）]"
    r"|[\[(][^\[\]()]{1,12},[^\[\]()]{1,12}[\])]"
)
WIDE = (("（", "("), ("）", ")"), ("［", "["), ("］", "]"), ("｛", "{"), ("｝", "}"), ("｢", "「"), ("｣", "」"))
BRACKETS = (("(", ")"), ("[", "]"), ("{", "}"), ("「", "」"), ("『", "』"), ("【", "】"), ("〈", "〉"), ("《", "》"))
TWICE = (
    r"(?i)\b(the the|and and|to to|of of|with with|a a|we we|this this|when when|can can|i i|in the in the|is the is the"
    r"|get get|you are you are|it was it was|it is it is|from from|at at|by by|but but|they they)\b"
)


def find_markup(records: pa.RecordBatch, thresholds: Thresholds) -> Hits:
    """Records with a piece of HTML, wikitext or a placeholder of a formula in any column."""
    found = (pc.match_substring_regex(records.column(name), MARKUP) for name in PAYLOAD)
    return Hits(reduce(pc.or_, found))


def find_lone_brackets(records: pa.RecordBatch, thresholds: Thresholds) -> Hits:
    """Records in which a kind of bracket is not opened as often as closed: in both sides of a pair, else in the output.

    A paragraph that is only asked about may be cut; it answers all the same.
    """
    pair = is_pair(records.column("task"))
    return Hits(pc.or_(_has_lone(records.column("output")), pc.and_(pair, _has_lone(records.column("input")))))


def _has_lone(texts: pa.Array) -> pa.BooleanArray:
    found = Characters(texts).have(BRACKET)
    found[found] = _counts_differ(texts.filter(pa.array(found))).to_numpy(zero_copy_only=False)
    return pa.array(found)


def _counts_differ(texts: pa.Array) -> pa.BooleanArray:
    for pattern, replacement in WIDE:
        texts = pc.replace_substring(texts, pattern, replacement)
    # what is closed inside a text needs no look; twice, for a bracket within a bracket
    for pattern in (r"\([^()]*\)", r"\([^()]*\)", LONE):
        texts = pc.replace_substring_regex(texts, pattern, " ")
    counts = ((pc.count_substring(texts, left), pc.count_substring(texts, right)) for left, right in BRACKETS)
    return reduce(pc.or_, (pc.not_equal(left, right) for left, right in counts))


def find_repetitions(records: pa.RecordBatch, thresholds: Thresholds) -> Hits:
    """Records with a word or a piece of text said over and over."""
    mask = np.zeros(records.num_rows, bool)
    for name in ("input", "output"):
        column = records.column(name)
        mask |= _repeats(column, int(thresholds["words"]), int(thresholds["pieces"]), int(thresholds["characters"]))
        mask |= pc.match_substring_regex(column, TWICE).to_numpy(zero_copy_only=False)
    return Hits(pa.array(mask))


def _repeats(column: pa.Array, words: int, pieces: int, characters: int) -> np.ndarray:
    texts = read_texts(column)
    mask: np.ndarray = _repeated_words(texts, words) | _repeated_pieces(texts, pieces, characters)
    return mask


def _repeated_words(texts: Texts, times: int) -> np.ndarray:
    """Whether a Latin word stands that many times in a row; numbers may."""
    starts, ends = find_runs(texts, texts.kinds, (LATIN, DIGIT))
    lengths, first = ends - starts, texts.codes[starts]
    same = (lengths[1:] == lengths[:-1]) & (first[1:] == first[:-1]) & (texts.kinds[starts[1:]] == LATIN)
    same &= starts[1:] - ends[:-1] <= 2
    likely = np.flatnonzero(same)  # few of all words: only they are compared in full
    hashes = (texts.hashes(starts[likely + step], ends[likely + step]) for step in (0, 1))
    same[likely] = np.equal(*hashes)
    runs = _runs(same, times - 1)
    return _in_one_text(texts, starts[runs], starts[runs + times - 1])


def _repeated_pieces(texts: Texts, times: int, characters: int) -> np.ndarray:
    """Whether a piece of 1 to 10 characters fills `characters` by standing `times` times or more in a row."""
    found = np.zeros(texts.count, bool)
    for size in range(1, 11):
        length = max(size * (times - 1), characters - size)
        runs = _runs(texts.codes[size:] == texts.codes[:-size], length)
        # a row of dots or digits says nothing about a text
        kinds = texts.kinds[runs[:, None] + np.arange(size)]
        runs = runs[((kinds != OTHER) & (kinds != DIGIT)).any(axis=1)]
        found |= _in_one_text(texts, runs, runs + length + size - 1)
    return found


def _runs(same: np.ndarray, length: int) -> np.ndarray:
    """Places from which on `same` is true `length` times in a row."""
    if length <= 0:
        return np.zeros(0, np.int64)
    reached = 1
    while reached < length and len(same):
        step = min(reached, length - reached)
        same = same[:-step] & same[step:]
        reached += step
    return np.flatnonzero(same)


def _in_one_text(texts: Texts, first: Ints, last: Ints) -> np.ndarray:
    """Which texts hold one of some pieces from its first to its last character."""
    found, owners = np.zeros(texts.count, bool), texts.owners(first)
    found[owners[owners == texts.owners(last)]] = True
    return found


def find_unchanged(records: pa.RecordBatch, thresholds: Thresholds) -> Hits:
    """Rewritings that equal what they rewrite, but for width and white space."""
    sides = []
    for name in ("input", "output"):
        normal = pc.utf8_normalize(records.column(name), form="NFKC")
        sides.append(pc.replace_substring_regex(normal, r"\s+", ""))
    return Hits(pc.equal(*sides))


def find_short(records: pa.RecordBatch, thresholds: Thresholds) -> Hits:
    """Records whose output, or input where there is one, has fewer letters and digits than there must be."""
    short = [
        Characters(records.column(name)).count(LETTER | NUMBER) < thresholds["letters"] for name in ("input", "output")
    ]
    blank = pc.equal(records.column("input"), "").to_numpy(zero_copy_only=False)
    return Hits(pa.array(short[0] & ~blank | short[1]))


def find_stubs(records: pa.RecordBatch, thresholds: Thresholds) -> Hits:
    """Records whose output is shorter than an explanation can be."""
    lengths = pc.utf8_length(records.column("output"))
    return Hits(pc.less(lengths, thresholds["characters"]), lengths)


def find_long(records: pa.RecordBatch, thresholds: Thresholds) -> Hits:
    """Records of which a side is longer than a sentence or a few can be."""
    lengths = pc.max_element_wise(*(pc.utf8_length(records.column(name)) for name in ("input", "output")))
    return Hits(pc.greater(lengths, thresholds["characters"]), lengths)


def find_non_commercial(records: pa.RecordBatch, thresholds: Thresholds) -> Hits:
    """Records whose license forbids commercial use."""
    return Hits(pc.match_substring_regex(records.column("license"), NON_COMMERCIAL))


RULES = (
    Rule("non-commercial", "The license forbids commercial use.", Kind.MARK, ALL, find_non_commercial),
    Rule("markup", "HTML, wikitext or a formula's placeholder is left in the text.", Kind.DROP, PROSE, find_markup),
    Rule(
        "unbalanced-brackets",
        "A bracket or quotation mark is not closed or not opened: a part of the text is missing.",
        Kind.DROP,
        ("translation-*", "jsquad", "knowledge-aio", "knowledge-wikipedia"),
        find_lone_brackets,
    ),
    Rule(
        "repeated-words",
        "The text says a word or a piece over and over.",
        Kind.DROP,
        ("translation-*",),
        find_repetitions,
        thresholds={
            "words": Threshold(6, 2, 100),
            "pieces": Threshold(4, 2, 100),
            "characters": Threshold(12, 2, 1000),
        },
    ),
    Rule(
        "unchanged-rewriting",
        "The rewriting is its original.",
        Kind.DROP,
        ("easy-ja", "typo-correction"),
        find_unchanged,
    ),
    Rule(
        "too-short",
        "A side has no letter or digit: there is nothing to learn.",
        Kind.DROP,
        ("translation-*", "knowledge-*", "easy-ja", "typo-correction", "dolly-ja", "alpaca-ja"),
        find_short,
        thresholds={"letters": Threshold(1, 0, 1000)},
    ),
    Rule(
        "stub",
        "The explanation is too short to explain anything.",
        Kind.DROP,
        ("knowledge-wikipedia",),
        find_stubs,
        thresholds={"characters": Threshold(40, 0, 1000)},
    ),
    Rule(
        "too-long",
        "A side of the translation is far longer than a few sentences.",
        Kind.DROP,
        ("translation-*",),
        find_long,
        thresholds={"characters": Threshold(800, 1, 1_000_000)},
    ),
)
