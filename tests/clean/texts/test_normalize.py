"""Normalized texts are those that plain Python makes, one character at a time."""

from __future__ import annotations

import unicodedata

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.clean.texts.normalize import CELLS, Payloads, as_text, normalize, normalize_text

SIGNS = "-.:/"
TANGLED = "ｶﾞﾊﾟ㍻½が\u3099e\u0301각ᄀ\u1161\ufe0f\x1f−2１a.-:/ 　あ漢。"
TEXTS = st.text(st.one_of(st.sampled_from(TANGLED), st.characters(codec="utf-8")), max_size=12)


def plain(text: str) -> str:
    """The same normalization, written for one text."""
    text = unicodedata.normalize("NFKC", text).lower().replace("\u2212", "-")
    kept = [letter for letter in text if _counts(letter)]
    written = ""
    for place, letter in enumerate(kept):
        before, after = kept[place - 1] if place else "", "".join(kept[place + 1 : place + 2])
        if letter in SIGNS:
            joined = "a" <= before <= "z" or before > "\x7f"
            decimal = letter == "-" or before in tuple("0123456789")
            if after not in tuple("0123456789") or joined or not decimal:
                continue
        written += letter
    return written


def _counts(letter: str) -> bool:
    category = unicodedata.category(letter)
    ignored = 0xFE00 <= ord(letter) < 0xFE10 or 0xE0000 <= ord(letter) < 0xE0200
    kept = letter in SIGNS or category[0] in "LNM" or category in ("Sm", "Sc", "Co", "Cn")
    return kept and letter != "~" and not ignored


@settings(deadline=None)  # the table is made at the first call
@given(st.lists(TEXTS, max_size=6), st.data())
def test_as_plain_python_does(texts, data):
    start = data.draw(st.integers(0, len(texts)))
    column = pa.array(texts, pa.string()).slice(start)
    empty = pa.array([""] * len(column), pa.string())

    payloads = normalize([empty, column, empty])

    assert len(payloads) == len(column)
    assert [payloads.cells(record) for record in range(len(column))] == [
        ["", plain(text), ""] for text in texts[start:]
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ＡＢＣ　ａｂｃ", "abcabc"),
        ("「ああ、そう…」〜", "ああそう"),
        ("円周率は３．１４、気温は−５度、x=-1", "円周率は3.14気温は5度x=-1"),
        ("10:30 No.1 covid-19", "10:30no1covid19"),
        ("don 't", "dont"),
        ("ｶﾞｷﾞ㍻①", "ガギ平成1"),
    ],
)
def test_examples(text, expected):
    assert as_text(normalize_text(text)) == expected


def test_cells_stay_apart():
    cells = [pa.array(column) for column in (["問い", "a\x1fb"], ["", "c"], ["答え。", "d"])]

    payloads = normalize(cells)

    assert payloads.cells(0) == ["問い", "", "答え"]
    assert payloads.cells(1) == ["ab", "c", "d"]
    assert payloads.text(0) == "問い答え"


def test_joined_payloads_are_those_of_all_records():
    column = pa.array(["あ", "", "いう", "え。"])
    parts = [normalize([part] * CELLS) for part in (column.slice(0, 1), column.slice(1, 0), column.slice(1))]

    joined, whole = Payloads.joined(parts), normalize([column] * CELLS)

    assert np.array_equal(joined.codes, whole.codes)
    assert np.array_equal(joined.bounds, whole.bounds)
