"""Rules over the two sides of a translation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from builders import catalogue
from builders.clean.pairs import language
from builders.clean.pairs.score import is_pair, score_pairs, sides, usual_of
from builders.clean.rules.rule import Hits, Kind, Rule, Threshold, Thresholds
from builders.clean.texts.characters import DIGIT, JAPANESE, JAPANESE_LETTER, KANA, KANJI, LATIN, LETTER, Characters

TRANSLATIONS = ("translation-*",)
ALIGNED = ("translation-coursera", "translation-jesc")
"""Configs whose pairs a machine aligned. Where people wrote pair by pair, the lowest scores are free translations and
idioms, not faults."""
FOREIGN = r"[^\p{Latin}\p{Hiragana}\p{Katakana}\p{Han}\PL]{2}"
"""Two letters in a row of another alphabet."""
_ODD = np.uint64(0x9E3779B97F4A7C15)


def score_translations(records: pa.RecordBatch, known: KnownScores | None = None) -> pa.FloatArray:
    """The pair score of each record; null for a record that is no pair of sentences.

    It is the `alignment` of `score_pairs`: in real corpora whole sentences and clauses stand in the wrong place, and where
    only single words look wrong the translation is free. What is usual is that of the config, if it is known, or of all
    known corpora.

    Args:
        records: of one translation config.
        known: scores of pairs that were met before in the same config, which grow by those of these records.
    """
    source = records.column("source")[0].as_py() if records.num_rows else ""
    usual = usual_of(f"{catalogue.TRANSLATION}{source.replace('_', '-')}")
    japanese, english = sides(records)

    def score(japanese: pa.Array, english: pa.Array) -> pa.FloatArray:
        return score_pairs(japanese, english, usual)["alignment"]

    scores = known.complete(japanese, english, score) if known else score(japanese, english)
    return pc.if_else(is_pair(records.column("task")), scores, None)


class KnownScores:
    """The last scores of pairs, so that the two directions of a pair are scored once.

    A pair has one slot, of which a newer pair takes the place. So what is remembered decides how long the work takes and
    nothing else.

    Args:
        slots: how many, a power of two.
    """

    def __init__(self, slots: int = 1 << 19):
        self._keys, self._scores = np.zeros(slots, np.uint64), np.zeros(slots, np.float32)

    def complete(
        self, japanese: pa.Array, english: pa.Array, score: Callable[[pa.Array, pa.Array], pa.FloatArray]
    ) -> pa.FloatArray:
        """The scores of pairs, of which only the unknown ones are worked out.

        Args:
            japanese, english: the two sides.
            score: works out scores.
        """
        keys = _key(japanese) * _ODD + _key(english)
        slots = keys & np.uint64(len(self._keys) - 1)
        scores, new = self._scores[slots], self._keys[slots] != keys
        scores[new] = score(japanese.filter(pa.array(new)), english.filter(pa.array(new))).to_numpy()
        self._keys[slots[new]], self._scores[slots[new]] = keys[new], scores[new]
        return pa.array(scores)


def _key(texts: pa.Array) -> np.ndarray:
    """A 64-bit hash of each text."""
    return pl.Series(pl.from_arrow(texts)).hash(0).to_numpy()


def find_low_scores(records: pa.RecordBatch, thresholds: Thresholds) -> Hits:
    """Pairs whose sides most likely do not say the same."""
    return low_scores(records, score_translations(records), thresholds)


def low_scores(records: pa.RecordBatch, scores: pa.FloatArray, thresholds: Thresholds) -> Hits:
    """As `find_low_scores`, with the records' scores (`score_translations`).

    A few words tell little, and real corpora hold many short pairs that are right: they must score much lower.
    """
    length = pc.add(*(pc.utf8_length(side) for side in sides(records)))
    is_short = pc.less(length, thresholds["short"])
    least = pc.if_else(is_short, thresholds["least_score_if_short"], thresholds["least_score"])
    return Hits(pc.fill_null(pc.less(scores, least), False), scores)


def find_no_japanese(records: pa.RecordBatch, thresholds: Thresholds) -> Hits:
    """Japanese sides in another language: no Japanese letters, hardly any, or Chinese."""
    japanese, _ = sides(records)
    characters = Characters(japanese)
    share = _japanese_share(characters)
    hit = (share < thresholds["least_share"]) | ~characters.have(JAPANESE)
    kanji_only = characters.have(KANJI) & ~characters.have(KANA)
    if kanji_only.any():
        hit[kanji_only] |= language.is_chinese(japanese.filter(pa.array(kanji_only))).to_numpy(zero_copy_only=False)
    return Hits(pa.array(hit), pa.array(share))


def find_no_english(records: pa.RecordBatch, thresholds: Thresholds) -> Hits:
    """English sides without Latin letters and digits, or with many Japanese letters."""
    _, english = sides(records)
    characters = Characters(english)
    share = _japanese_share(characters)
    hit = (share > thresholds["most_share"]) | ~characters.have(LATIN | DIGIT)
    rest = ~characters.have(LATIN)
    foreign = pc.match_substring_regex(english.filter(pa.array(rest)), FOREIGN)
    hit[rest] |= foreign.to_numpy(zero_copy_only=False)
    return Hits(pa.array(hit), pa.array(share))


def _japanese_share(characters: Characters) -> np.ndarray:
    """Kana and kanji among all letters of each text; 0 where there is no letter."""
    share: np.ndarray = characters.count(JAPANESE_LETTER) / np.maximum(characters.count(LETTER), 1)
    return share


def find_odd_ratio(records: pa.RecordBatch, thresholds: Thresholds) -> Hits:
    """Pairs of which one side is many times as long as the other; a few characters may be anything."""
    japanese, english = (pc.cast(pc.utf8_length(side), pa.float64()) for side in sides(records))
    # some characters more on both sides: short exclamations differ widely and are right
    padding = thresholds["padding"]
    ratio = pc.divide(pc.add(english, 2 * padding), pc.add(japanese, padding))
    outside = pc.or_(pc.less(ratio, thresholds["least"]), pc.greater(ratio, thresholds["most"]))
    return Hits(pc.and_(outside, is_pair(records.column("task"))), ratio)


RULES = (
    Rule(
        "pair-score",
        "The two sides of the translation most likely do not say the same.",
        Kind.DROP,
        ALIGNED,
        find_low_scores,
        thresholds={
            "least_score": Threshold(0.1, 0.0, 1.0),
            "least_score_if_short": Threshold(0.003, 0.0, 1.0),
            "short": Threshold(40, 0, 1000),
        },
    ),
    Rule(
        "japanese-side",
        "The Japanese side of the translation is not Japanese.",
        Kind.DROP,
        TRANSLATIONS,
        find_no_japanese,
        thresholds={"least_share": Threshold(0.1, 0.0, 1.0)},
    ),
    Rule(
        "english-side",
        "The English side of the translation is not English.",
        Kind.DROP,
        TRANSLATIONS,
        find_no_english,
        thresholds={"most_share": Threshold(0.2, 0.0, 1.0)},
    ),
    Rule(
        "length-ratio",
        "One side of the translation is many times as long as the other: a part is missing.",
        Kind.DROP,
        ALIGNED,
        find_odd_ratio,
        thresholds={
            "least": Threshold(0.75, 0.0, 2.0),
            "most": Threshold(4.5, 2.0, 100.0),
            "padding": Threshold(8, 0, 100),
        },
    ),
)
