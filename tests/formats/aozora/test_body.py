"""An opening begins with the text: what stands before it is passed over."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.formats.aozora.body import opening

TEXT = "　川が流れる。水は昨日より少し濁っていた。"
READ = "川が流れる。水は昨日より少し濁っていた。"
HEADER = ("川べり物語", "夕立", "山野一郎")


def opened(*lines: str, length: int = 100) -> str:
    return opening(lines, HEADER, length)


@pytest.mark.parametrize(
    "before",
    [
        ["［＃３字下げ］一［＃「一」は中見出し］"],
        ["［＃３字下げ］朝［＃「朝」は大見出し］", ""],
        ["［＃中見出し］朝［＃中見出し終わり］"],
        ["［＃ここから大見出し］", "朝の川", "水の音", "［＃ここで大見出し終わり］"],
        [
            "［＃３字下げ］朝の※［＃「魚＋賁」、第4水準2-93-84］［＃「朝の※［＃「魚＋賁」、第4水準2-93-84］」は中見出し］"
        ],
        ["　　　　　一"],
        ["（二）", ""],
        ["第三章"],
        ["その一"],
        ["第一幕\u3000第一場"],
        ["Ⅰ"],
        ["　　　上"],
        ["序"],
        ["はしがき", ""],
        ["一\u3000朝の川"],
        ["第一章\u3000朝"],
        ["１．朝の川"],
        ["　　　朝の川", ""],
        ["　　　朝", "　　　　　一"],
        ["朝の川"],
        ["＊"],
        ["×\u3000×\u3000×"],
        ["川べり物語", "", "山野一郎"],
        ["――母に――"],
        ["（昭和三年の夏に）"],
        ["――朝――昼――夕――"],
        ["亡き母の霊に捧ぐ", ""],
        ["海原しづに", ""],
        ["［＃地付き］山野一郎"],
        ["［＃地から２字上げ］昭和三年七月七日"],
        ["［＃ここから地から３字上げ］", "わが歌は", "［＃ここで字上げ終わり］"],
        ["昭和三年七月七日"],
        ["七月七日\u3000晴"],
        ["［＃挿絵（fig001_01.png、横300×縦400）入る］"],
        ["川の図［＃「川の図」はキャプション］"],
        ["To be, or not to be"],
        ["目次", "朝の川", "昼の川", "", "夕の川", "［＃改ページ］"],
        ["●目次", "朝の川", "昼の川", ""],
        ["登場人物", "　太郎\u3000\u3000二十歳", "　その妻", "　旅の男", ""],
        ["人物", "　太郎", "", "時\u3000現代", "所\u3000川べりの町", ""],
        ["時", "昔の秋", "処", "都の片ほとり", "人", "老いた女", ""],
    ],
)
def test_what_is_no_text_is_passed_over(before):
    assert opened("", *before, TEXT) == READ


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (["一\u3000川が流れる。"], "川が流れる。"),
        (["（一）川が流れる。"], "川が流れる。"),
        (["一、川が流れる。"], "川が流れる。"),
        (["二、三日前から川が濁っている。"], "二、三日前から川が濁っている。"),
        (["十五、六年も前のことだ。"], "十五、六年も前のことだ。"),
        (["第三の男は語る。"], "第三の男は語る。"),
        (["一九三〇年の夏だった。"], "一九三〇年の夏だった。"),
        (["「川か」", "　と言った。"], "「川か」\nと言った。"),
        (["拝啓", "　川が流れる。"], "拝啓\n川が流れる。"[3:]),
        (["麦の穂ゆれて", "風わたる", "", "丘のうへ"], "麦の穂ゆれて\n風わたる\n丘のうへ"),
        (["見出し　川が流れる。［＃「見出し」は同行中見出し］"], "川が流れる。"),
        (["［＃同行中見出し］朝［＃同行中見出し終わり］　川が流れる。"], "川が流れる。"),
        (["　川という［＃「川」に傍点］見出しを読んだ。"], "川という見出しを読んだ。"),
        (["　川が流れる。", "", "　　　二", "　海へ行く。"], "川が流れる。\n海へ行く。"),
        (["［＃８字下げ］川が流れる", "［＃８字下げ］海が鳴る"], "川が流れる\n海が鳴る"),
    ],
)
def test_where_a_text_begins(lines, text):
    assert opened(*lines) == text


def test_a_body_of_headings_only_keeps_what_may_be_text():
    assert opened("一\u3000朝の川", "二\u3000昼の川") == "朝の川\n二\u3000昼の川"
    assert opened("一", "二") == ""
    assert opened() == ""


def test_it_is_cut_after_its_marks_are_gone():
    assert (
        opened("※", "", "　川《かわ》が流れ［＃「流れ」に傍点］る。", "　海へ行く。", length=9) == "川が流れる。\n海へ"
    )


@given(st.lists(st.text(alphabet="［］＃※《》｜あ「」-一序、。　見出し", max_size=40), max_size=12))
def test_any_lines_are_read_without_an_error(lines):
    text = opened(*lines)
    assert len(text) <= 100 and "｜" not in text


def test_many_lines_take_no_long_time():
    assert opened(*["［＃「" * 2_000] * 600, TEXT) == READ
