"""What is special to Wikinews: the whole page is the body, but for the date line and the sections on sources."""

from __future__ import annotations

import pytest

from builders.corpora.wikinews import CORPUS, body
from builders.download import obtain
from builders.errors import FormatError
from samples.dumps import Page, header, multistream, plain, written

DUMP = CORPUS.files[0].name.replace("{date}", "20230401")


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{日付|2005年7月3日}}\n橋が開通した。", "橋が開通した。"),
        ("【2005年7月3日】\n橋が開通した。", "橋が開通した。"),
        ("'''【[[2005年]][[7月3日]]（日）】''' 橋が開通した。", "橋が開通した。"),
        ("【汐見 7月3日】橋が開通した。", "橋が開通した。"),
        ("2005年7月3日（日）\n\n橋が開通した。", "橋が開通した。"),
        ("２００５年７月３日\n\n橋が開通した。", "橋が開通した。"),
        ("7月3日、橋が開通した。", "7月3日、橋が開通した。"),
        ("2005年7月3日に橋が開通した。", "2005年7月3日に橋が開通した。"),
        ("【速報】橋が開通した。\n\n2005年7月3日", "【速報】橋が開通した。\n2005年7月3日"),
    ],
)
def test_the_date_line_is_no_part_of_the_body(source, text):
    assert body(source) == text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("一。\n== 情報源 ==\n* 二\n=== 三 ===\n四\n== 五 ==\n六。", "一。\n六。"),
        ("一。\n== 反響 ==\n二。\n=== 出典 ===\n三。\n=== 声 ===\n四。\n==関連記事==\n五。", "一。\n二。\n四。"),
        ("一。\n== 外部リンク == <!-- x -->\n* [https://example.org/ 二]\n[[Category:三]]", "一。"),
        ("一。\n= 二 =\n三。", "一。\n三。"),
        ("== 脚注 ==\n一。", ""),
    ],
)
def test_sections_on_sources_are_left_out(source, text):
    assert body(source) == text


def test_the_multistream_dump_is_found_too(tmp_path):
    folder = tmp_path / "wikinews"
    folder.mkdir()
    name = "jawikinews-20230401-pages-articles-multistream.xml.bz2"
    dump, _ = multistream([Page("橋が開通", "橋が開通した。"), Page("橋が閉鎖", "橋が閉鎖された。")], per_stream=1)
    written(folder / name, dump)
    (found,) = obtain(CORPUS, sources=tmp_path)
    assert found.name == name
    (part,) = CORPUS.split({found.name: found.path})
    assert sum(rows.batch.num_rows for rows in CORPUS.read(part)) == 2


def test_line_ends_of_windows(tmp_path):
    content = plain([Page("橋が開通", "{{日付|2005年7月3日}}\n橋が開通した。\n== 情報源 ==\n* 汐見新報")])
    (part,) = CORPUS.split({DUMP: written(tmp_path / DUMP, content.replace(b"\n", b"\r\n"))})
    (rows,) = CORPUS.read(part)
    assert rows.batch["body"].to_pylist() == ["橋が開通した。"]


def test_rows_and_rejected(tmp_path):
    pages = [
        Page("橋が開通", "{{日付|2005年7月3日}}\n橋が[[w:開通|開通]]した。\n== 情報源 ==\n* 汐見新報"),
        Page("短信:2005年7月3日", "* 小さな話題"),
        Page("橋", "#REDIRECT [[橋が開通]]", redirect="橋が開通"),
        Page("題だけ", "【2005年7月3日】\n== 情報源 ==\n* 汐見新報"),
        Page("無", None),
        Page("長", "長" * 800_000),
    ]
    path = written(tmp_path / DUMP, plain(pages, header("ウィキニュース", "jawikinews")))
    (part,) = CORPUS.split({DUMP: path})
    (rows,) = CORPUS.read(part)
    assert rows.batch.to_pylist() == [{"key": "1", "title": "橋が開通", "body": "橋が開通した。"}]
    assert [(reject.place, reject.reason) for reject in rows.rejected] == [
        (f'{DUMP} page 4 "題だけ"', "empty body"),
        (f'{DUMP} page 5 "無"', "page without text"),
        (f'{DUMP} page 6 "長"', "body over 2 MiB"),
    ]


def test_a_dump_that_is_cut_short_is_an_error(tmp_path):
    path = written(tmp_path / DUMP, plain([Page("橋が開通", "橋が開通した。")])[:-5])
    (part,) = CORPUS.split({DUMP: path})
    with pytest.raises(FormatError) as error:
        list(CORPUS.read(part))
    assert str(error.value) == f'{DUMP}, after page 1 "橋が開通": the file ends without </mediawiki>: it is cut short'
