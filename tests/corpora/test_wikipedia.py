"""What is special to Wikipedia: lead sections only, what is no article, parts of a multistream dump, the real pages."""

from __future__ import annotations

import bz2
import re
from functools import partial
from hashlib import sha1
from pathlib import Path

import pytest

from builders.build.plan import plan_configs
from builders.corpora.wikipedia import CORPUS
from builders.corpus import Part
from builders.download import obtain
from builders.errors import BuildError, FormatError
from builders.formats.mediawiki import articles, decode
from samples.dumps import Page, header, multistream, plain, written
from tests.support.reading import raw_files_of

DUMP, INDEX = (file.name.replace("{date}", "20230401") for file in CORPUS.files)
REAL = "jawiki-20221101-pages-articles-multistream.xml.bz2"
LEFT_OVERS = (
    "[[",
    "]]",
    "{{",
    "}}",
    "<ref",
    "'''",
    "&lt;",
    "&nbsp;",
    "__",
    "ファイル:",
    "（）",
    "（、",
    "、）",
    "()",
    "「」",
)


def read(files: dict[str, Path]) -> tuple[list[dict[str, str]], list[tuple[str, str]]]:
    rows, rejected = [], []
    for part in CORPUS.split(files):
        for step in CORPUS.read(part):
            rows += step.batch.to_pylist()
            rejected += [(reject.place, reject.reason) for reject in step.rejected]
    return rows, rejected


def read_pages(folder: Path, pages: list[Page]) -> tuple[list[dict[str, str]], list[tuple[str, str]]]:
    return read({DUMP: written(folder / DUMP, plain(pages))})


def test_the_lead_section_explains_the_title(tmp_path):
    rows, _ = read_pages(
        tmp_path, [Page("海", "'''海'''（うみ）は広い。\n== 節 ==\n{{x"), Page("山", "{{PAGENAME}}は高い。")]
    )
    assert rows == [
        {"key": "1", "title": "海", "lead": "海（うみ）は広い。"},
        {"key": "2", "title": "山", "lead": "山は高い。"},
    ]


def test_disambiguation_by_title_is_no_article_and_by_template_a_reject(tmp_path):
    pages = [
        Page("海 (曖昧さ回避)", "海\n{{aimai}}"),
        Page("みなと", "みなと\n* [[港]]\n== 関連項目 ==\n{{ Aimai|x}}"),
        Page("岬", "{{人名の曖昧さ回避}}"),
        Page("川", "{{要曖昧さ回避|date=2020年}}川は{{Otheruses|x|川 (曖昧さ回避)}}流れる。"),
    ]
    rows, rejected = read_pages(tmp_path, pages)
    assert [row["title"] for row in rows] == ["川"]
    assert rejected == [
        (f'{DUMP} page 2 "みなと"', "disambiguation page"),
        (f'{DUMP} page 3 "岬"', "disambiguation page"),
    ]


def test_articles_without_a_usable_lead_are_rejected_with_the_reason(tmp_path):
    pages = [
        Page("無", None),
        Page("空", "{{Infobox}}（、）\n== 節 ==\n本文"),
        Page("壊", b"\xe5\xa3"),
        Page("深", "{{a|" * 2_500_000),
        Page("海", "海は広い。"),
    ]
    rows, rejected = read_pages(tmp_path, pages)
    assert [row["title"] for row in rows] == ["海"]
    assert rejected == [
        (f'{DUMP} page 1 "無"', "page without text"),
        (f'{DUMP} page 2 "空"', "empty lead section"),
        (f'{DUMP} page 3 "壊"', "not UTF-8"),
        (f'{DUMP} page 4 "深"', "lead section over 2 MiB"),
    ]


def test_a_lead_that_is_too_long_for_one_is_rejected(tmp_path):
    pages = [Page("海", "海" * 20_000), Page("山", "山" * 20_001), Page("川", "川" * 30_000 + "\n== 節 ==\n")]
    rows, rejected = read_pages(tmp_path, pages)
    assert [row["title"] for row in rows] == ["海"]
    assert rejected == [
        (f'{DUMP} page {number} "{title}"', "lead section over 20,000 characters")
        for number, title in ((2, "山"), (3, "川"))
    ]


def test_line_ends_of_windows_end_leads_too(tmp_path):
    content = plain([Page("海", "'''海'''は\n広い。\n\n深い。\n== 節 ==\n本文")]).replace(b"\n", b"\r\n")
    rows, _ = read({DUMP: written(tmp_path / DUMP, content)})
    assert [row["lead"] for row in rows] == ["海は広い。\n深い。"]


def test_the_dump_in_one_stream_is_found_and_read_in_one_part(tmp_path):
    folder = tmp_path / "wikipedia"
    folder.mkdir()
    name = "jawiki-20230401-pages-articles.xml.bz2"
    content = bz2.compress(plain([Page("海", "海は広い。")]))
    written(folder / name, content)
    written(folder / INDEX, b"7:1:a\n")  # that of the multistream dump
    written(folder / "jawiki-20230401-sha1sums.txt", f"{sha1(content).hexdigest()}  {name}\n".encode())
    found = obtain(CORPUS, sources=tmp_path)
    assert [(file.name, file.status) for file in found][0] == (name, "verified")
    assert found[0].url == f"https://dumps.wikimedia.org/jawiki/20230401/{name}"
    (part,) = CORPUS.split({file.name: file.path for file in found})
    assert part == Part("all", {name: folder / name})
    written(folder / DUMP, multistream([Page("山", "山は高い。")], per_stream=1)[0])
    assert obtain(CORPUS, sources=tmp_path)[0].name == DUMP


def test_the_message_names_all_names_of_the_dump(tmp_path):
    (tmp_path / "wikipedia").mkdir()
    with pytest.raises(BuildError) as error:
        obtain(CORPUS, sources=tmp_path, dump_date="20230401")
    address = "https://dumps.wikimedia.org/jawiki/20230401/"
    assert error.value.problem == (
        "wikipedia: 1 of 1 raw file cannot be used.\n"
        f"  {DUMP}: missing\n"
        f"    place:  {tmp_path}/wikipedia/{DUMP}\n"
        f"        or: {tmp_path}/wikipedia/jawiki-20230401-pages-articles.xml.bz2\n"
        f"    source: {address}{DUMP}"
    )


@pytest.mark.slow
def test_brackets_nested_as_deep_as_a_page_can_be(tmp_path):
    pages = [
        Page("型", "{{a|" * 300_000 + "}}" * 300_000 + "\n型は深い。"),
        Page("開", "{{a|" * 500_000 + "\n\n開は閉じない。"),
        Page("括", "（、「" * 4_000 + "括弧" + "」、）" * 4_000 + "は深い。"),
        Page("弧", "（「" * 300_000 + "弧」"),
    ]
    rows, rejected = read_pages(tmp_path, pages)
    deep = "（「" * 4_000 + "括弧" + "」）" * 4_000 + "は深い。"
    assert [row["lead"] for row in rows] == ["型は深い。", "開は閉じない。", deep]
    assert rejected == [(f'{DUMP} page 4 "弧"', "lead section over 20,000 characters")]


def test_parts_are_spans_of_the_dump_and_the_whole_without_an_index(tmp_path):
    dump, index = multistream([Page(f"山{number}", f"山{number}は高い。") for number in range(30)], per_stream=5)
    files = {DUMP: written(tmp_path / DUMP, dump), INDEX: written(tmp_path / INDEX, index)}
    parts = CORPUS.split(files)
    assert len({part.name for part in parts}) == len(parts) == 7
    assert all(part.files == {DUMP: files[DUMP]} and part.span for part in parts)
    (whole,) = CORPUS.split({DUMP: files[DUMP]})
    assert whole == Part("all", {DUMP: files[DUMP]})
    assert read(files) == read({DUMP: files[DUMP]})
    assert len(read(files)[0]) == 30


def test_a_dump_that_is_cut_short_is_an_error(tmp_path):
    content = plain([Page("海", "海は広い。"), Page("山", "山は高い。")])
    path = written(tmp_path / DUMP, content[: content.rindex("高い".encode())])
    with pytest.raises(FormatError) as error:
        read({DUMP: path})
    assert str(error.value) == f'{DUMP}, page 2 "山": the file ends inside this page: it is cut short'


def test_a_build_tells_of_a_cut_dump_where_a_fresh_one_is(tmp_path):
    dump, index = multistream([Page(f"山{number}", f"山{number}は高い。") for number in range(30)], per_stream=5)
    folder = tmp_path / "wikipedia"
    folder.mkdir()
    written(folder / DUMP, dump[:1200])
    written(folder / INDEX, index)
    with pytest.raises(BuildError) as error:
        plan_configs(["knowledge-wikipedia"], partial(obtain, sources=tmp_path))
    last = max(int(line.split(":")[0]) for line in bz2.decompress(index).decode().splitlines())
    address = "https://dumps.wikimedia.org/jawiki/20230401/"
    assert str(error.value) == (
        f"wikipedia: {DUMP}: has 1,200 bytes, but {INDEX} names a stream at byte {last:,}: "
        "cut short, or another dump's\n"
        "Next step: Replace the raw file by a fresh copy, then run the same command again:\n"
        f"  {folder / DUMP} (from {address}{DUMP})\n  {folder / INDEX} (from {address}{INDEX})"
    )


def test_an_old_dump_without_namespaces_in_its_pages(tmp_path):
    content = plain([Page("海", "海は広い。"), Page("Template:海", "型")], header()).replace(b"    <ns>0</ns>\n", b"")
    rows, _ = read({DUMP: written(tmp_path / DUMP, content)})
    assert [row["title"] for row in rows] == ["海"]


@pytest.fixture(scope="module")
def real():
    folder = raw_files_of("wikipedia")
    files = {path.name: path for path in folder.iterdir()}
    return folder / REAL, *read(files)


DISAMBIGUATION = ("56", "105", "256", "261", "280")


def test_every_real_article_is_a_row_or_a_reject(real):
    dump, rows, rejected = real
    expected = [page for page in articles(dump) if not page.title.endswith("(曖昧さ回避)")]
    assert len(expected) == 203 and len(rows) == 197
    assert [(place.split()[2], reason) for place, reason in rejected] == [
        *((key, "disambiguation page") for key in DISAMBIGUATION),
        ("463", "empty lead section"),  # a full stop is all of it
    ]
    assert {row["key"] for row in rows} | {place.split()[2] for place, _ in rejected} == {page.id for page in expected}
    assert all("aimai" in decode(page.text).lower() for page in expected if page.id in DISAMBIGUATION)


def test_no_markup_is_left_in_the_real_articles(real):
    _, rows, _ = real
    assert [(row["title"], mark) for row in rows for mark in LEFT_OVERS if mark in row["lead"]] == []


def test_the_real_articles_speak_of_their_title(real):
    _, rows, _ = real
    silent = [row["title"] for row in rows if not speaks_of_its_title(row)]
    assert len(silent) <= 0.03 * len(rows), silent


def speaks_of_its_title(row: dict[str, str]) -> bool:
    """Whether the title stands in the lead, without what tells it from others of its name, blanks aside."""
    title = re.sub(r" \(.*\)$", "", row["title"])
    return title.replace(" ", "") in row["lead"].replace(" ", "")


def test_real_leads_word_for_word(real):
    _, rows, _ = real
    leads = {row["title"]: row["lead"] for row in rows}
    assert leads["生物"].startswith("生物（せいぶつ、英: life、organism、living being、独: Organismus、Lebewesen）は、")
    assert leads["地理学"].startswith(
        "地理学（ちりがく、英: geography、仏: géographie、伊: geografia、独: Geographie (-fie) または Erdkunde）は、"
    )
    assert leads["ヨーロッパ"].startswith(
        "ヨーロッパ（ポルトガル語・オランダ語: Europa [ew.ˈɾɔ.pɐ] [øːˈroːpaː, ʏˑˈroːpaˑ]）又は欧州（おうしゅう）は"
    )
    assert leads["正規言語"].endswith(
        "満たす形式言語である。\n・決定性有限オートマトンによって受理可能\n・非決定性有限オートマトンによって受理可能\n"
        "・正規表現で記述可能\n・正規文法から生成可能\n・読みとり専用チューリングマシンで受理可能"
    )
    assert leads["高屋奈月"].startswith("高屋 奈月（たかや なつき、1973年7月7日 - ）は、日本の漫画家。女性。")
    assert "O(n³) の時間で認識される" in leads["文脈自由言語"]
    assert "「そうね。『イエスタデイ』のことは" in leads["イエスタデイ (ビートルズの曲)"]
