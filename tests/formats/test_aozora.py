"""Header, notes, marks and opening of works in Aozora Bunko's form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.formats.aozora import GETA, UnusableWork, parse_work, plain

DASHES = "-" * 55
NOTES = f"{DASHES}\n【テキスト中に現れる記号について】\n\n《》：ルビ\n（例）川《かわ》\n{DASHES}\n\n"
COLOPHON = "\n\n\n底本：「見本」見本書房\n入力：見本\n"


def work(header: str, body: str = "　川が流れる。", notes: str = NOTES, colophon: str = COLOPHON):
    return parse_work(f"{header}\n\n{notes}{body}\n{colophon}")


@pytest.mark.parametrize(
    ("header", "author"),
    [
        ("題\n山野一郎", "山野一郎"),
        ("題\n――副題――\n山野一郎", "山野一郎"),
        ("題\nORIGINAL TITLE\n――副題――\nジョン・メドウ John Meadow\n川上三郎訳", "ジョン・メドウ John Meadow"),
        ("題\n後編\n山野一郎\n川上三郎訳\n海原しづ編", "山野一郎"),
        ("Afterlife\n英訳「題」\nYAMANO Ichiro\nTranslated by KAWAKAMI Saburo", "YAMANO Ichiro"),
        ("題\n山野一郎\u3000", "山野一郎"),
        ("題《だい》\n山野｜一郎《いちろう》", "山野一郎"),
    ],
)
def test_the_author_is_the_last_name_that_is_no_translator(header, author):
    parsed = work(header)
    assert (parsed.title, parsed.author) == (header.split("\n")[0].replace("《だい》", ""), author)


@pytest.mark.parametrize(
    ("notes", "body"),
    [
        (NOTES, "　川が流れる。"),
        ("", "　川が流れる。"),
        ("\n\n", "　川が流れる。"),
        (f"［表記について］\n●ルビは「《ルビ》」の形式で処理した。\n{DASHES}\n\n", "　川が流れる。"),
        ("---------\n【テキスト中に現れる記号について】\n---------\n", "　川が流れる。"),
    ],
    ids=["usual", "none", "blank lines", "title first", "few dashes"],
)
def test_the_body_begins_after_the_notes_where_there_are_any(notes, body):
    assert work("題\n山野一郎", body, notes).opening(100) == "川が流れる。"


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_any_line_end_and_a_byte_order_mark(line_end, mark):
    text = f"題\n山野一郎\n\n{NOTES}　川が流れる。\n　海へ行く。{COLOPHON}"
    parsed = parse_work(mark + text.replace("\n", line_end))
    assert (parsed.title, parsed.opening(100)) == ("題", "川が流れる。\n海へ行く。")


@pytest.mark.parametrize(
    "line, title",
    [
        ("『蛍籠』", "蛍籠"),
        ("『蛍籠』序", "『蛍籠』序"),
        ("『蛍』と『籠』", "『蛍』と『籠』"),
        ("「蛍籠」", "「蛍籠」"),
    ],
)
def test_brackets_around_the_whole_title_are_not_part_of_it(line, title):
    assert parse_work(f"{line}\n山野一郎\n\n　本文。\n").title == title


def test_the_colophon_is_no_text_and_may_be_missing():
    assert work("題\n山野一郎", "　短い。").opening(100) == "短い。"
    assert work("題\n山野一郎", "　短い。", colophon="").opening(100) == "短い。"
    assert work("題\n山野一郎", "", notes="").opening(100) == ""


def test_the_opening_is_cut_after_its_marks_are_gone():
    body = "※\n\n　一二《いちに》三四［＃「三四」に傍点］五\n　六七八九十"
    assert work("題\n山野一郎", body).opening(8) == "一二三四五\n六七"


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
        ("網［※１］を張る", "網を張る"),
        ("※印は注である", "※印は注である"),
    ],
)
def test_marks_leave_the_text_they_stand_for(line, text):
    assert plain(line) == text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("題\n\n　本文。" + COLOPHON, "no author in the header"),
        ("題\n川上三郎訳\n\n　本文。" + COLOPHON, "no author in the header"),
        ("一\n" * 20, "no header ended by a blank line"),
        ("一\n" * 20 + "\n本文", "no header ended by a blank line"),
        ("", "no header ended by a blank line"),
        (
            "題\n山野一郎\n\n　本文。\n\n青空文庫収録ファイル：\nこのファイルは、著作権者自らの意思により、収録されています。\n",
            "in copyright: in Aozora Bunko by leave of the copyright holder",
        ),
    ],
)
def test_a_text_that_cannot_be_used_says_why(text, reason):
    with pytest.raises(UnusableWork) as error:
        parse_work(text)
    assert str(error.value) == reason


@given(st.text(alphabet="［］＃※《》｜あ「」-\n", max_size=200))
def test_any_marks_are_read_without_an_error(text):
    opening = work("題\n山野一郎", text).opening(100)
    assert len(opening) <= 100
    assert "｜" not in opening


def test_notes_nested_without_end_take_no_long_time():
    assert plain("［＃" * 100_000 + "］" * 100_000).startswith("［＃")
