"""What is special to Aozora Bunko: one member is one row, and the two questions about it."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from builders.corpora.aozora import ARCHIVE, CORPUS
from builders.errors import FormatError
from tests.support.reading import count_records, raw_files_of, read_rows, records_of

GOOD = "橋\n――副題――\n山野一郎\n\n　橋《はし》の上を汽車が行く。\n\n底本：「見本」\n"
MEMBER = "AozoraTxt/person_utf8/000001/{}.txt"


def written(directory: Path, works: dict[str, bytes | str]) -> Path:
    with zipfile.ZipFile(directory / ARCHIVE, "w") as archive:
        for name, text in works.items():
            archive.writestr(name, text)
    return directory


def test_both_questions_about_a_work(tmp_path):
    records = records_of(CORPUS, written(tmp_path, {MEMBER.format("7_ruby_8"): GOOD}), "knowledge-aozora")
    assert [(record["id"], record["instruction"], record["input"], record["output"]) for record in records] == [
        (
            "aozora:opening:000001/7_ruby_8",
            "山野一郎の作品『橋』の書き出しを教えてください。",
            "",
            "書き出しは「橋の上を汽車が行く。」です。",
        ),
        (
            "aozora:work:000001/7_ruby_8",
            "「橋の上を汽車が行く。」で始まる文学作品の作者と題名を教えてください。",
            "",
            "山野一郎の『橋』です。",
        ),
    ]


def test_members_that_are_no_works_are_passed_over(tmp_path):
    works = {"AozoraTxt/README.md": "readme", "AozoraTxt/person_utf8/": "", MEMBER.format("1"): GOOD}
    rows, rejected = read_rows(CORPUS, written(tmp_path, works))
    assert [row["key"] for row in rows] == ["000001/1"]
    assert not rejected


@pytest.mark.parametrize(
    ("content", "reason", "raw"),
    [
        ("橋\n".encode("shift_jis"), "not UTF-8", "\\x8b\\xb4\n"),
        ("橋\n山野一郎\n\n底本：「見本」\n", "empty opening", "橋\n山野一郎\n\n底本：「見本」\n"),
        ("橋\n山野一郎\n\n\n", "empty opening", "橋\n山野一郎\n\n\n"),
        ("橋\n川上三郎訳\n\n　本文。\n", "no author in the header", "橋\n川上三郎訳\n\n　本文。\n"),
        ("橋", "no header ended by a blank line", "橋"),
    ],
)
def test_a_work_that_cannot_be_used_is_a_reject_that_names_its_member(tmp_path, content, reason, raw):
    folder = written(tmp_path, {MEMBER.format("1"): GOOD, MEMBER.format("2"): content, MEMBER.format("3"): GOOD})
    rows, rejected = read_rows(CORPUS, folder)
    assert [row["key"] for row in rows] == ["000001/1", "000001/3"]
    assert [(reject.place, reject.reason, reject.raw) for reject in rejected] == [
        ("AozoraTxt_UTF8.zip/AozoraTxt/person_utf8/000001/2.txt", reason, raw)
    ]


def test_an_archive_without_works_is_an_error(tmp_path):
    with pytest.raises(FormatError) as error:
        read_rows(CORPUS, written(tmp_path, {"AozoraTxt/README.md": "readme"}))
    assert str(error.value) == 'AozoraTxt_UTF8.zip: has no member like "AozoraTxt/person_utf8/<person>/<work>.txt"'


def test_a_cut_archive_is_an_error(tmp_path):
    path = written(tmp_path, {MEMBER.format("1"): GOOD}) / ARCHIVE
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(FormatError) as error:
        read_rows(CORPUS, tmp_path)
    assert str(error.value) == "AozoraTxt_UTF8.zip: damaged or cut short (zip: File is not a zip file)"


def test_a_work_with_a_flipped_byte_is_an_error(tmp_path):
    path = written(tmp_path, {MEMBER.format("1"): GOOD}) / ARCHIVE
    content = bytearray(path.read_bytes())
    content[content.index("山".encode())] ^= 1
    path.write_bytes(content)
    with pytest.raises(FormatError) as error:
        read_rows(CORPUS, tmp_path)
    assert str(error.value) == (
        "AozoraTxt_UTF8.zip: damaged or cut short (zip: Bad CRC-32 for file 'AozoraTxt/person_utf8/000001/1.txt')"
    )


def test_the_real_works():
    folder = raw_files_of("aozora")
    assert count_records(CORPUS, folder) == {"knowledge-aozora": 2 * (1_177 - 1)}
    rows, rejected = read_rows(CORPUS, folder)
    assert [(reject.place, reject.reason) for reject in rejected] == [
        (
            "AozoraTxt_UTF8.zip/AozoraTxt/person_utf8/000879/60574_txt_71363.txt",
            "in copyright: in Aozora Bunko by leave of the copyright holder",
        )
    ]
    marks = [
        row["key"]
        for row in rows
        if any(mark in row["opening"] for mark in ("《", "》", "｜", "［＃", "---", "底本："))
    ]
    assert marks == []
    assert {row["author"] for row in rows} == {
        *("芥川龍之介", "芥川竜之介"),
        *("宮沢賢治", "宮澤賢治", "太宰治", "太宰治・山崎富栄"),
        *("夏目漱石", "夏目金之助", "森鴎外", "森林太郎"),
    }
