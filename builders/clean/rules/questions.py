"""Rules over questions and their answers."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from builders.clean.pairs import language
from builders.clean.rules.rule import Hits, Kind, Rule, Threshold, Thresholds

QUESTIONS = ("knowledge-aio", "knowledge-jcommonsenseqa", "knowledge-jqac", "jsquad")
INSTRUCTIONS = ("dolly-ja", "alpaca-ja")

# A question word near the end, or an ending that asks or demands. A topic (「…は」) asks too: it is how quizzes are cut.
ASKED = (
    r"([?？]|か|は|かな|でしょう|だろう|[よろ]|なさい|ください|下さい|の[?？]?)[。．.]?[」』\s]*$"
    r"|(何|なに|なん|どこ|どの|どれ|どう|どちら|どんな|どのよう|いつ|いくつ|いくら|だれ|誰|なぜ|いか[がに]|幾つ|どの程度)"
)
QUOTED = r"「[^「」]*」|『[^『』]*』"
# Words that count from the day on which the question was asked.
DATED = (
    r"(今年|ことし|本年[0-9０-９度、]|昨年|去年|一昨年|おととし|来年|再来年|先月|今月|来月|先週|今週|先日|今シーズン|昨シーズン|来シーズン"
    r"|今季|昨季|来季|[今昨来][春夏秋冬](?:[にのかまはで、開始]|卒)|今夏|今春|今秋|今冬|昨秋|昨夏|昨春|来春|今場所|先場所|今大会|先ごろ|この[春夏秋冬](?:[、公か]|に))"
)
# The same words in a habit, or as a part of another word.
UNDATED = r"毎年[^、。]{0,8}(?:今年|今月|来年度?)|去年今年|[先今]月と|来年度予算|先日付"
ENGLISH_WORDS = r"(?i)\b(the|is|are|was|were|of|and|to|in|that|it|you|for|with|not|can|has|have|be|by|this|from|we|he|she|on|as|or)\b"
ASKS_ENGLISH = r"英語|英文|英訳|翻訳|英作|English|コード|プログラム|関数|SQL|HTML|クエリ"


def find_unasked(records: pa.RecordBatch, thresholds: Thresholds) -> Hits:
    """Questions that ask nothing: a phrase or a statement without a question word or ending."""
    return Hits(pc.invert(pc.match_substring_regex(records.column("instruction"), ASKED)))


def find_dated(records: pa.RecordBatch, thresholds: Thresholds) -> Hits:
    """Questions with a day of their own: their answer is another one today."""
    bare = pc.replace_substring_regex(records.column("instruction"), QUOTED, "「」")
    bare = pc.replace_substring_regex(bare, UNDATED, "")
    return Hits(pc.match_substring_regex(bare, DATED))


def find_english_answers(records: pa.RecordBatch, thresholds: Thresholds) -> Hits:
    """Answers in English prose where the instruction does not ask for English or code."""
    answers = records.column("output")
    words = pc.count_substring_regex(answers, ENGLISH_WORDS)
    prose = pc.and_not(pc.greater_equal(words, int(thresholds["least_words"])), language.has_japanese(answers))
    asked = pc.match_substring_regex(records.column("instruction"), ASKS_ENGLISH)
    # a list of names in Japanese punctuation is no prose
    code = pc.match_substring_regex(answers, r"、|[;{}=]\s*(\n|$)|\b(def|import|SELECT)\b")
    return Hits(pc.and_not(prose, pc.or_(asked, code)), words)


def find_foreign_instructions(records: pa.RecordBatch, thresholds: Thresholds) -> Hits:
    """Instructions without Japanese."""
    instructions = records.column("instruction")
    return Hits(pc.or_(pc.invert(language.has_japanese(instructions)), language.is_chinese(instructions)))


RULES = (
    Rule("unasked-question", "The question asks nothing: it lacks its end.", Kind.MARK, QUESTIONS, find_unasked),
    Rule(
        "dated-question",
        "The question holds for the year in which it was asked.",
        Kind.DROP,
        ("knowledge-aio", "knowledge-jqac"),
        find_dated,
    ),
    Rule(
        "answer-without-japanese",
        "The answer is English prose, and nobody asked for English.",
        Kind.DROP,
        INSTRUCTIONS,
        find_english_answers,
        thresholds={"least_words": Threshold(3, 1, 100)},
    ),
    Rule(
        "instruction-without-japanese",
        "The instruction has no Japanese.",
        Kind.DROP,
        INSTRUCTIONS,
        find_foreign_instructions,
    ),
)
