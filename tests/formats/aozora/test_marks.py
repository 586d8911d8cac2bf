"""Marks inside a line, and the text they stand for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.formats.aozora.marks import GETA, plain


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("唐の都｜洛陽《らくよう》の西", "唐の都洛陽の西"),
        ("［＃３字下げ］一［＃「一」は中見出し］", "一"),
        ("にゃあ［＃「にゃあ」に「※［＃「ノ」二つ、12-3］」の傍点］と鳴く", "にゃあと鳴く"),
        ("※［＃「魚＋賁」、第4水準2-93-84］の夢", "鱝の夢"),
        ("※［＃「言＋墟のつくり」、第4水準2-88-74］", "譃"),
        ("※［＃「均のつくり」、第3水準1-14-75］", "匀"),
        ("※［＃「窗」、U+7A97、8-2］", "窗"),
        ("※［＃小書き平仮名ん、105-1］", "ん"),
        ("文※［＃「或」の「ノ」の部分が三本、102-2］《ぶんいく》", f"文{GETA}"),
        ("※［＃「木＋覧」、16-3］", GETA),
        ("※［＃不明、U+D800］※［＃不明、U+FFFFFF］※［＃不明、2-99-99］※［＃不明、1-0-0］", GETA * 4),
        ("詩5［＃「5」はローマ数字、1-13-25］", "詩5"),
        ("其｜國《※［＃「くに」、U+5700］》", "其國"),
        ("※［＃始め二重山括弧、1-1-52］断片※［＃終わり二重山括弧、1-1-53］", "≪断片≫"),
        ("可［＃レ］被［＃二］下［＃一］候［＃（フ）］", "可被下候"),
        ("網［※１］を張る", "網を張る"),
        ("※印は注である", "※印は注である"),
        ("［#３字下げ］川が流れる", "川が流れる"),
        ("川が流れる［＃「川」に傍", "川が流れる"),
        ("〔cafe'〕で", "caféで"),
        ("いろ／＼な", "いろいろな"),
    ],
)
def test_marks_leave_the_text_they_stand_for(line, text):
    assert plain(line) == text


@given(st.text(alphabet="［］＃※《》｜あ「」〔〕″-", max_size=200))
def test_any_marks_are_read_without_an_error(line):
    assert "｜" not in plain(line) and "［＃" not in plain(line)


@given(st.text(alphabet="［］＃※《》｜あ「」〔〕／＼″-", max_size=200))
def test_any_marks_to_repeat_are_read_without_an_error(line):
    """What stands twice in a row may look like the beginning of a note: 「＃［／＼」."""
    assert "｜" not in plain(line)


def test_notes_nested_without_end_take_no_long_time():
    assert plain("［＃" * 100_000 + "］" * 100_000) == ""
