"""Which texts are Japanese and which are English: by their letters, whole columns at a time.

Kana decide nearly everything. Only texts of nothing but kanji need more: a character that JIS X 0208 lacks, or that only
Chinese writes (`CHINESE`), is Chinese; a word of the Japanese corpora or of MeCab's dictionary, or made of its nouns, is
not; and for the rest the model of cjclassifier (character pairs of three Wikipedias) is asked, a distinct text once.
Where it is not clear a text is Japanese: most words of kanji alone are written the same in both languages.
"""

from __future__ import annotations

from functools import cache

import ipadic  # type: ignore[import-untyped]
import MeCab  # type: ignore[import-untyped]
import pyarrow as pa
import pyarrow.compute as pc
from cjclassifier import CJClassifier, CJLanguage  # type: ignore[import-untyped]
from cjclassifier.classifier import CJ_LANGUAGES, Results  # type: ignore[import-untyped]

from builders.clean.pairs.table import load_table
from builders.clean.pairs.units import LONGEST, read_texts

KANA = r"[\p{Hiragana}\p{Katakana}]"
JAPANESE = r"[\p{Hiragana}\p{Katakana}\p{Han}]"
LATIN = r"\p{Latin}"
NO_LETTER = r"[^\pL]+"
CHINESE = frozenset("你們麼沒嗎呢吧您哪")
"""Characters of JIS X 0208 that modern Japanese does not write: Chinese pronouns, particles and a plural."""
CLEAR = 3.0
"""How much likelier (natural logarithm) cjclassifier must find a text in Chinese than in Japanese. With 1, one in fifty of
the real corpora's kanji-only cells was taken for Chinese (animals, old names); with 3, one in a hundred."""


def has_japanese(texts: pa.Array) -> pa.BooleanArray:
    """Whether there is at least one kana or kanji."""
    return pc.match_substring_regex(texts, JAPANESE)


def is_chinese(texts: pa.Array) -> pa.BooleanArray:
    """Whether texts are of kanji without kana, and clearly Chinese."""
    texts = pc.fill_null(texts, "")
    kanji_only = pc.and_not(pc.match_substring_regex(texts, r"\p{Han}"), pc.match_substring_regex(texts, KANA))
    encoded = pc.if_else(kanji_only, texts, "").dictionary_encode()
    # "" stands for all texts that cannot be Chinese: to ask the model about it would mean to load it
    decided = [text != "" and is_chinese_text(text) for text in encoded.dictionary.to_pylist()]
    return pa.array(decided, pa.bool_()).take(encoded.indices)


@cache
def _classifier() -> CJClassifier:
    return CJClassifier.load()


def is_chinese_text(text: str) -> bool:
    """Whether one text of kanji is clearly Chinese."""
    try:
        text.encode("shift_jis", "strict")
    except UnicodeEncodeError as error:
        if any("一" <= character <= "龥" for character in text[error.start : error.end]):
            return True
    if not CHINESE.isdisjoint(text):
        return True
    if _is_known_word(text) or _is_in_dictionary(text):
        return False
    if text.endswith("了"):  # a particle; in Japanese it ends words that a dictionary has (終了)
        return True
    results = Results()
    _classifier().detect(text, results)
    scores = dict(zip(CJ_LANGUAGES, results.total_scores, strict=True))
    japanese = scores.pop(CJLanguage.JAPANESE)
    return bool(max(scores.values()) - japanese >= CLEAR)


def _is_known_word(text: str) -> bool:
    """Whether a text of up to four characters stands in the Japanese that the translation table was learnt from."""
    texts = read_texts(pa.array([text]))
    numbers = load_table().japanese.numbers(texts.hashes(texts.offsets[:1], texts.offsets[1:]))
    return len(texts.codes) <= LONGEST and bool(numbers[0] >= 0)


@cache
def _tagger() -> MeCab.Tagger:
    return MeCab.Tagger(ipadic.MECAB_ARGS)


def _is_in_dictionary(text: str) -> bool:
    """Whether a text is one word of MeCab's dictionary, or made of its words of two kanji and more, numbers and affixes.

    Names count as words only by themselves: there is one for nearly every two kanji. Affixes need something to stand at.
    """
    words: list[tuple[bool, bool, str, str]] = []
    node = _tagger().parseToNode(text)
    while node:
        if node.surface:
            kind, detail = node.feature.split(",")[:2]
            words.append(
                (node.stat == 0, len(node.surface) > 1 and detail != "固有名詞" or detail == "数", kind, detail)
            )
        node = node.next
    if len(words) == 1:
        return words[0][0]
    stems = [stem for _, stem, *_ in words]
    return any(stems) and all(
        known and (stem or kind == "接頭詞" or detail == "接尾") for known, stem, kind, detail in words
    )


def japanese_share(texts: pa.Array) -> pa.DoubleArray:
    """Kana and kanji among all letters; 0 where there is no letter."""
    letters = pc.replace_substring_regex(texts, NO_LETTER, "")
    japanese = pc.replace_substring_regex(letters, r"[^\p{Hiragana}\p{Katakana}\p{Han}ー]+", "")
    count = pc.cast(pc.utf8_length(letters), pa.float64())
    return pc.divide(pc.cast(pc.utf8_length(japanese), pa.float64()), pc.max_element_wise(count, 1.0))


def has_latin_or_digit(texts: pa.Array) -> pa.BooleanArray:
    """Whether there is a Latin letter or a digit: what an English side may consist of."""
    return pc.match_substring_regex(texts, r"\p{Latin}|[0-9０-９]")
