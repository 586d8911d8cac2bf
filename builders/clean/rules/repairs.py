"""Repairs: records that are worth more when a known habit of their corpus is undone."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from builders.clean.rules.rule import Kind, Rule, Thresholds, replace_column

NAMES = (
    "Tom|Mary|Mike|John|Jane|Bill|Ken|Nancy|Jim|Jack|Bob|Betty|George|Kate|Lucy|Smith|Brown|Tanaka|Yamada"
    "|Japan|Tokyo|Kyoto|Osaka|America|American|Americans|England|English|London|France|French|Paris|China|Chinese"
    "|Japanese|German|Germany|Italy|Italian|Spanish|Canada|Australia|New York|Boston|Chicago|Hawaii|Europe|Asia|Africa"
    "|Russia|Russian|India|Korea|Korean|Mexico"
    "|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|January|February|April|June|July|August|September"
    "|October|November|December|Christmas|God|Mr|Mrs|Ms|Dr"
)
"""Words that are written with a capital wherever they stand; no other word of English is written as they are."""
# Spacing: a mark goes to the word before it, what a tokenizer cut off comes back.
SPACING = (
    (r"'' (.+?) ?''", r'"\1"'),
    (r" +([,.?!;:])", r"\1"),
    (r" ?n ?'t\b", "n't"),
    (r"(\w) '(s|m|ll|ve|d|re|t|clock)\b", r"\1'\2"),
    (r"\bo '(clock)", r"o'\1"),
    (r"(s) ' (\w)", r"\1' \2"),
    (r"\bi\b(\.?)", r"I\1"),
    (r"  +", " "),
)
QUIZ_NOTES = r"\s*(【[^】]*】|（[^（）]*）|\([^()]*\)|［[^［］]*］|\[[^\[\]]*\]|〔[^〔〕]*〕)"
QUIZ_REMARK = r"[\s　]*※.*$"
_FOOTNOTE = (
    r"[\[［](?:(?:(?:注釈?|脚注|出典|リスト|nb|n|note|web)\.? ?)?[0-9０-９]{1,3}|(?:nb |note )?[a-d]"
    r"|要出典|検証失敗|完全引用|要検証|いつ|誰|引用元不明|より良いソースが必要|編集)[\]］]"
)
# A space behind the last mark stays: often it is all that ends the sentence.
FOOTNOTES = f"{_FOOTNOTE}(?: ?{_FOOTNOTE})*"
CODE = (
    r"[A-Za-z_]\w*(\[\w+\])+ ?[=*+);,]|\]\s*=|;\s*(\n|$)|\b(print|def|return|import|for \w+ in)\b|\]\(|\{\s*\"|E\[|P\["
)


def restore_english(records: pa.RecordBatch, thresholds: Thresholds) -> pa.RecordBatch:
    """Undoes lower case and tokenization of the English side: `don 't wait .` becomes `Don't wait.`."""
    task = records.column("task")
    for name, direction in (("input", r"(^|-)en-ja$"), ("output", r"(^|-)ja-en$")):
        column = records.column(name)
        # text with a capital was never lower-cased
        lower = pc.and_not(pc.match_substring_regex(task, direction), pc.match_substring_regex(column, "[A-Z]"))
        restored = pc.replace_with_mask(column, lower, restore_case(column.filter(lower)))
        records = replace_column(records, name, restored)
    return records


def restore_case(texts: pa.Array) -> pa.Array:
    """Joins what a tokenizer cut, and puts capitals where English has them."""
    for pattern, replacement in SPACING:
        texts = pc.replace_substring_regex(texts, pattern, replacement)
    for name in NAMES.split("|"):
        texts = pc.replace_substring_regex(texts, rf"\b{name.lower()}\b", name)
    for letter in "abcdefghijklmnopqrstuvwxyz":
        texts = pc.replace_substring_regex(texts, rf'(^"?|[^.][.?!] "?|[.?!]" "|, "){letter}', rf"\1{letter.upper()}")
    # an abbreviated title ends no sentence, but a name follows it
    for title in ("Mr", "Mrs", "Ms", "Dr"):
        for letter in "abcdefghijklmnopqrstuvwxyz":
            texts = pc.replace_substring_regex(texts, rf"\b{title}(\.?) {letter}", rf"{title}\1 {letter.upper()}")
    return texts


def remove_quiz_notes(records: pa.RecordBatch, thresholds: Thresholds) -> pa.RecordBatch:
    """Leaves the answer alone: readings and remarks in brackets go, a part of a name in brackets is unwrapped."""
    answers = records.column("output")
    bare = pc.replace_substring_regex(answers, r"^[（(]([^（）()]+)[）)]([^\s])", r"\1\2")
    bare = pc.replace_substring_regex(bare, r"[（(]([^（）()]*・)[）)]", r"\1")
    # what is a part of a name, and no reading of it, is of kanji
    bare = pc.replace_substring_regex(bare, r"(^\p{Han}+)[（(](\p{Han}{1,3})[）)]$", r"\1\2")
    for pattern in (QUIZ_NOTES, QUIZ_REMARK):
        bare = pc.replace_substring_regex(bare, pattern, "")
    bare = pc.utf8_trim_whitespace(bare)
    return replace_column(records, "output", pc.if_else(pc.equal(bare, ""), answers, bare))


def remove_footnotes(records: pa.RecordBatch, thresholds: Thresholds) -> pa.RecordBatch:
    """Takes out the marks of footnotes; numbers at the beginning of a line and indices of code stay."""
    for name in ("instruction", "input", "output"):
        column = records.column(name)
        marked = pc.replace_substring_regex(column, r"(?m)^([\[［])", "\x00\\1")
        for pattern, replacement in (
            (r"(\x00[\[［][^\]］]*[\]］])", r"\1"),
            (r"([^\x00 ])[ 　]?" + FOOTNOTES, r"\1"),
            (r"([^\x00 ])[ 　]?" + FOOTNOTES, r"\1"),
            (r"\x00", ""),
        ):
            marked = pc.replace_substring_regex(marked, pattern, replacement)
        code = pc.match_substring_regex(column, CODE)
        records = replace_column(records, name, pc.if_else(code, column, marked))
    return records


def remove_subtitle_marks(records: pa.RecordBatch, thresholds: Thresholds) -> pa.RecordBatch:
    """Takes out the `>>` with which subtitles begin a speaker's turn, at the start or behind the end of a sentence."""
    for name in ("input", "output"):
        column = pc.replace_substring_regex(records.column(name), r"^(> ?>\s*)+", "")
        column = pc.replace_substring_regex(column, r"([.?!。？！」\"”…])\s*> ?>\s*", r"\1 ")
        records = replace_column(records, name, column)
    return records


def remove_title_underscores(records: pa.RecordBatch, thresholds: Thresholds) -> pa.RecordBatch:
    """Writes spaces in the titles before the colon: MediaWiki stores them as `_`."""
    column = records.column("input")
    parts = pc.extract_regex(column, r"(?s)\A(?P<title>[^：]*)(?P<rest>：.*)\z")  # null without a colon
    titles = pc.replace_substring(pc.struct_field(parts, "title"), "_", " ")
    spaced = pc.binary_join_element_wise(titles, pc.struct_field(parts, "rest"), "")
    return replace_column(records, "input", pc.coalesce(spaced, column))


RULES = (
    Rule(
        "english-spacing",
        "The English is lower-cased and cut into tokens.",
        Kind.REPAIR,
        ("translation-easy-ja",),
        repair=restore_english,
    ),
    Rule(
        "quiz-notes",
        "The answer carries notes for the quiz master: readings, other right answers.",
        Kind.REPAIR,
        ("knowledge-aio",),
        repair=remove_quiz_notes,
    ),
    Rule(
        "footnote-marks",
        "Marks of footnotes stand in the text, the footnotes do not.",
        Kind.REPAIR,
        ("dolly-ja",),
        repair=remove_footnotes,
    ),
    Rule(
        "subtitle-marks",
        "Marks of speakers from subtitles stand in the text.",
        Kind.REPAIR,
        ("translation-coursera",),
        repair=remove_subtitle_marks,
    ),
    Rule(
        "title-underscores",
        "The title is written with underscores in the place of spaces.",
        Kind.REPAIR,
        ("jsquad",),
        repair=remove_title_underscores,
    ),
)
