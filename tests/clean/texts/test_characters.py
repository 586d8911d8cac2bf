"""Kinds of characters say the same as the regular expressions that they stand for."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.clean.texts import characters
from builders.clean.texts.characters import BRACKET, DIGIT, JAPANESE, KANA, KANJI, LATIN, LETTER, NUMBER, Characters

PATTERNS = {
    LETTER: r"\pL",
    KANA: r"[\p{Hiragana}\p{Katakana}]",
    KANJI: r"\p{Han}",
    LATIN: r"\p{Latin}",
    DIGIT: r"[0-9０-９]",
    NUMBER: r"\pN",
    JAPANESE: r"[\p{Hiragana}\p{Katakana}\p{Han}]",
    LETTER | NUMBER: r"[\pL\pN]",
}
TEXTS = st.lists(
    st.text(st.one_of(st.sampled_from("aＡ1あアー犬々〇゛ｱ﨑𠮷「(①é½Д한"), st.characters(exclude_categories=["Cs"]))),
    max_size=8,
)


@pytest.mark.parametrize("kinds", PATTERNS)
@settings(deadline=None)
@given(texts=TEXTS)
def test_a_kind_is_its_expression(kinds, texts):
    column = pa.array(["before", *texts, ""], pa.string())[1:]

    found = Characters(column)

    assert found.have(kinds).tolist() == pc.match_substring_regex(column, PATTERNS[kinds]).to_pylist()
    assert found.count(kinds).tolist() == pc.count_substring_regex(column, PATTERNS[kinds]).to_pylist()


def test_characters_without_a_name_are_of_no_kind():
    beyond = pa.array([chr(code) for code in (characters._NAMED, 0xE0001, 0xF0000, 0x10FFFF)])

    assert not Characters(beyond).have(0xFF).any()


def test_brackets_are_all_that_must_be_balanced():
    assert Characters(pa.array(["（", "]", "『a", "<", "あ"])).have(BRACKET).tolist() == [
        True,
        True,
        True,
        False,
        False,
    ]
