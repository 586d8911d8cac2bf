"""Words that are repeated by a mark of two characters' height: ／＼ for いろ／＼ (いろいろ), ／″＼ for とき／″＼ (ときどき).

How far back the mark reaches is not written down. What is taken as repeated, in this order: one of `LONG`; a run of
katakana; a verb or adjective with its kanji; two kanji or a single one; a short word that stands by itself; the last
two kana.
"""

from __future__ import annotations

import re
import unicodedata

MARK = re.compile(r"／([″”゛\"〃]?)＼")
REACH = 8
"""Characters, as far back as a mark may reach."""
LONG = (
    *("ところ", "かはる", "かわる", "かはり", "ひとり", "うつら", "それは", "これは", "どうして", "何うして"),
    *("後から", "あとから", "その日", "其の日", "その時", "めでたし", "ありがたう", "ありがとう", "ありがたい"),
    *("ちよい", "ちよこ", "ちよろ", "ちよき", "ひよろ", "ひよい", "しよぼ", "きよろ", "いけない", "うまい"),
)
"""Words of more than two characters that are often repeated in the middle of a sentence."""
ALONE = re.compile(r"(?:^|[^\w々ー])([\w々ー]{1,3})$")
KATAKANA = re.compile(r"[ァ-ヴー]{2,4}$")
VERB = re.compile(r"[一-鿿々]{1,2}[ぁ-ゖ]$")
KANJI = re.compile(r"[一-鿿々]{1,2}$")
INSIDE = "ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮーんン"
"""Kana that begin no word."""


def written_out(line: str) -> str:
    """A line in which what the marks repeat is written out; a mark with nothing before it goes."""
    if "＼" not in line:
        return line
    text, end = "", 0
    for mark in MARK.finditer(line):
        text += line[end : mark.start()]
        text += repeated(text, bool(mark[1]))
        end = mark.end()
    return text + line[end:]


def repeated(before: str, voiced: bool) -> str:
    """What a mark repeats.

    Args:
        before: the text in front of the mark.
        voiced: True where the mark says that the repetition begins with a voiced sound.
    """
    word = _word(before[-REACH - 1 :])
    if not voiced or not word:
        return word
    first = unicodedata.normalize("NFC", word[:1] + "\u3099")
    return (first if len(first) == 1 else word[:1]) + word[1:]


def _word(before: str) -> str:
    for long in LONG:
        if before.endswith(long):
            return long
    for pattern in (KATAKANA, VERB, KANJI, ALONE):
        if found := pattern.search(before):
            return found[found.lastindex or 0]
    word = before[-2:]
    if word[:1] in INSIDE and len(before) > 2:
        word = before[-3:]
    return word
