"""A text is taken apart into header, body and colophon; what its colophon says of its license counts."""

from __future__ import annotations

import pytest

from builders.formats.aozora.work import UnusableWork, split_work

DASHES = "-" * 55
NOTES = f"{DASHES}\n【テキスト中に現れる記号について】\n\n《》：ルビ\n（例）川《かわ》\n{DASHES}\n\n"
COLOPHON = "\n\n\n底本：「見本」見本書房\n入力：見本\n"


def body(text: str) -> list[str]:
    return [line for line in split_work(text).body if line.strip()]


@pytest.mark.parametrize(
    "notes",
    [
        NOTES,
        "",
        "\n\n",
        f"［表記について］\n●ルビは「《ルビ》」の形式で処理した。\n{DASHES}\n\n",
        "---------\n【テキスト中に現れる記号について】\n---------\n",
        f"{DASHES}\n●収録作品\n川／海\n{DASHES}\n［表記について］\n●ルビは「《ルビ》」の形式で処理した。\n{DASHES}\n",
    ],
    ids=["usual", "none", "blank lines", "title first", "few dashes", "contents and notes"],
)
def test_the_body_begins_after_the_notes_where_there_are_any(notes):
    assert body(f"題\n山野一郎\n\n{notes}　川が流れる。\n{COLOPHON}") == ["　川が流れる。"]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_any_line_end_and_a_byte_order_mark(line_end, mark):
    text = f"題\n山野一郎\n\n{NOTES}　川が流れる。\n　海へ行く。{COLOPHON}"
    work = split_work(mark + text.replace("\n", line_end))
    assert work.header == ("題", "山野一郎")
    assert [line for line in work.body if line] == ["　川が流れる。", "　海へ行く。"]


def test_an_author_behind_a_blank_line():
    work = split_work(f"鳥《とり》\n\n山野一郎\n\n{NOTES}　本文。{COLOPHON}")
    assert work.header == ("鳥", "山野一郎")
    assert [line for line in work.body if line] == ["　本文。"]


@pytest.mark.parametrize("line", ["　本文である", "本文である。", "「本文である」", "本文、である", "　"])
def test_text_behind_a_blank_line_is_no_author(line):
    assert split_work(f"鳥\n\n{line}\n\n　本文。\n").header == ("鳥",)


def test_only_the_first_lines_of_a_body_may_be_kept():
    assert split_work("題\n山野一郎\n\n一\n二\n三\n", lines_of_body=2).body == ("一", "二")


@pytest.mark.parametrize(
    "line",
    [
        "このファイルは、著作権者自らの意思により、インターネットの図書館、青空文庫に収録されています。",
        "このファイルは、著作権継承者の意思により、収録されています。",
        "この作品は、クリエイティブ・コモンズ「表示-非営利 2.1 日本」でライセンスされています。",
        "※この翻訳は「クリエイティブ・コモンズ 表示 2.1 日本 ライセンス」によって公開されています。",
        "　この訳文は他の拙訳同様 Creative Commons CC-BY 3.0 の下で公開します。",
        "http://creativecommons.org/licenses/by/2.1/jp/",
        "この翻訳の著作権は見本太郎にあります。",
    ],
)
@pytest.mark.parametrize("colophon", [COLOPHON, "\n\n"])
def test_a_work_in_copyright(line, colophon):
    with pytest.raises(UnusableWork, match="^in copyright: in Aozora Bunko under terms of its own$"):
        split_work(f"題\n山野一郎\n\n　本文。{colophon}{line}\n2020年1月1日作成\n")


@pytest.mark.parametrize(
    "line",
    [
        "校正：The Creative CAT",
        "　　　上記の翻訳底本は、著作権が失効しています。",
        "※写真は、著作権保護期間を過ぎていると判断して収録しました。",
    ],
)
def test_a_colophon_that_speaks_of_rights_that_ended(line):
    assert body(f"題\n山野一郎\n\n　本文。{COLOPHON}{line}\n") == ["　本文。"]


def test_a_body_may_speak_of_licenses():
    assert body(f"題\n山野一郎\n\n　運転のライセンスを取った。{COLOPHON}") == ["　運転のライセンスを取った。"]


@pytest.mark.parametrize("text", ["一\n" * 20, "一\n" * 20 + "\n本文", "", "橋"])
def test_a_text_without_a_header(text):
    with pytest.raises(UnusableWork, match="no header ended by a blank line"):
        split_work(text)
