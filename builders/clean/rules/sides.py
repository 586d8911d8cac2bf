"""Rules over the two sides of a translation."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from builders import catalogue
from builders.clean.pairs import language
from builders.clean.pairs.score import is_pair, score_pairs, sides, usual_of
from builders.clean.rules.rule import Hits, Kind, Rule, Threshold, Thresholds

TRANSLATIONS = ("translation-*",)
ALIGNED = ("translation-coursera", "translation-jesc")
"""Configs whose pairs a machine aligned. Where people wrote pair by pair, the lowest scores are free translations and
idioms, not faults."""


def score_translations(records: pa.RecordBatch) -> pa.FloatArray:
    """The pair score of each record; null for a record that is no pair of sentences.

    What is usual is that of the config, if it is known, or of all known corpora.

    Args:
        records: of one translation config.
    """
    source = records.column("source")[0].as_py() if records.num_rows else ""
    usual = usual_of(f"{catalogue.TRANSLATION}{source.replace('_', '-')}")
    scores = score_pairs(*sides(records), usual)["score"]
    return pc.if_else(is_pair(records.column("task")), scores, None)


def find_low_scores(records: pa.RecordBatch, thresholds: Thresholds) -> Hits:
    """Pairs whose sides most likely do not say the same."""
    scores = score_translations(records)
    return Hits(pc.fill_null(pc.less(scores, thresholds["least_score"]), False), scores)


def find_no_japanese(records: pa.RecordBatch, thresholds: Thresholds) -> Hits:
    """Japanese sides in another language: no Japanese letters, hardly any, or Chinese."""
    japanese, _ = sides(records)
    share = language.japanese_share(japanese)
    lacking = pc.or_(pc.less(share, thresholds["least_share"]), pc.invert(language.has_japanese(japanese)))
    return Hits(pc.or_(lacking, language.is_chinese(japanese)), share)


def find_no_english(records: pa.RecordBatch, thresholds: Thresholds) -> Hits:
    """English sides without Latin letters and digits, or with many Japanese letters."""
    _, english = sides(records)
    share = language.japanese_share(english)
    without = pc.invert(language.has_latin_or_digit(english))
    foreign = pc.match_substring_regex(english, r"[^\p{Latin}\p{Hiragana}\p{Katakana}\p{Han}\PL]{2}")
    only_foreign = pc.and_not(foreign, pc.match_substring_regex(english, r"\p{Latin}"))
    return Hits(pc.or_(pc.or_(without, only_foreign), pc.greater(share, thresholds["most_share"])), share)


def find_odd_ratio(records: pa.RecordBatch, thresholds: Thresholds) -> Hits:
    """Pairs of which one side is many times as long as the other; a few characters may be anything."""
    japanese, english = (pc.cast(pc.utf8_length(side), pa.float64()) for side in sides(records))
    # ten characters more on both sides: short exclamations differ widely and are right
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
        thresholds={"least_score": Threshold(0.02, 0.0, 1.0)},
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
