"""Languages by letters; kanji alone by the model."""

from __future__ import annotations

import pyarrow as pa
import pytest

from builders.clean.evaluate import labelled
from builders.clean.pairs import language
from builders.clean.pairs.language import has_japanese, has_latin_or_digit, is_chinese, japanese_share


def test_kana_are_never_chinese(monkeypatch):
    monkeypatch.setattr(language, "_classifier", None)  # it takes seconds to load, and these are clear without it
    texts = pa.array(["犬です", "カタカナ", "谢谢です", "谢谢", "我们去公园", "国民", "", None, "hello"])

    assert is_chinese(texts).to_pylist() == [False, False, False, True, True, False, False, False, False]


@pytest.mark.slow
def test_texts_of_kanji_alone_are_told_apart():
    rows = [*labelled("kanji-only"), {"input": "東京都", "hit": False}]
    found = is_chinese(pa.array([row["input"] for row in rows])).to_pylist()

    assert sum(chinese == row["hit"] for chinese, row in zip(found, rows, strict=True)) / len(rows) >= 0.98
    assert not found[-1]


def test_shares_and_letters():
    texts = pa.array(["犬dog", "ラーメン", "123", "cafe", "№５"])

    assert [round(value, 2) for value in japanese_share(texts).to_pylist()] == [0.25, 1.0, 0.0, 0.0, 0.0]
    assert has_japanese(texts).to_pylist() == [True, True, False, False, False]
    assert has_latin_or_digit(texts).to_pylist() == [True, False, True, True, True]


def test_words_of_both_languages_are_japanese():
    texts = pa.array(["国民", "強烈", "封建", "二十一日", "二十世紀", "試合終了", "不公平"])

    assert not any(is_chinese(texts).to_pylist())


def test_chinese_in_characters_that_japanese_has_too():
    texts = pa.array(["你好", "我們", "什麼", "怎麼樣", "沒問題"])

    assert all(is_chinese(texts).to_pylist())
