"""What is special to Aozora Bunko: one member is one row, and the two questions about it."""

from __future__ import annotations

import zipfile
from collections import Counter
from pathlib import Path

import pytest

from builders.corpora import aozora
from builders.corpora.aozora import ARCHIVE, CORPUS
from builders.errors import FormatError
from tests.corpora import aozora_rates
from tests.support.reading import raw_files_of, read_rows, records_of

GOOD = "橋\n――副題――\n山野一郎\n\n　橋《はし》の上を汽車が行く。\n\n底本：「見本」\n"
OTHER = "川\n山野一郎\n\n　川が流れる。\n\n底本：「見本」\n"
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
        (f"橋\n{'副' * 998}\n一郎\n\n　本文。\n", "header over 1,000 characters", f"橋\n{'副' * 98}\\xe5\\x89"),
    ],
)
def test_a_work_that_cannot_be_used_is_a_reject_that_names_its_member(tmp_path, content, reason, raw):
    folder = written(tmp_path, {MEMBER.format("1"): GOOD, MEMBER.format("2"): content, MEMBER.format("3"): OTHER})
    rows, rejected = read_rows(CORPUS, folder)
    assert [row["key"] for row in rows] == ["000001/1", "000001/3"]
    assert [(reject.place, reject.reason, reject.raw) for reject in rejected] == [
        ("AozoraTxt_UTF8.zip/AozoraTxt/person_utf8/000001/2.txt", reason, raw)
    ]


def test_an_archive_without_works_is_an_error(tmp_path):
    with pytest.raises(FormatError) as error:
        read_rows(CORPUS, written(tmp_path, {"AozoraTxt/README.md": "readme"}))
    assert str(error.value) == 'AozoraTxt_UTF8.zip: has no member like "AozoraTxt/person_utf8/<person>/<work>.txt"'


def test_more_works_than_lie_in_memory_together_are_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr(aozora, "MOST_WORKS", 2)
    with pytest.raises(FormatError) as error:
        read_rows(CORPUS, written(tmp_path, {MEMBER.format(number): GOOD for number in range(3)}))
    assert str(error.value) == "AozoraTxt_UTF8.zip: has 3 works: more than 2 are refused"


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


def named(title: str, text: str, *, author: str = "山野一郎", between: str = "") -> str:
    return f"{title}\n{between}{author}\n\n　{text}\n\n底本：「見本」\n"


def test_of_editions_with_the_same_author_and_title_the_newest_is_kept(tmp_path):
    works = {
        MEMBER.format("7_ruby"): named("橋", "橋の上を汽車が行く。"),
        MEMBER.format("7_ruby_80"): named("橋", "橋の上を、汽車が行く。"),
        MEMBER.format("9_txt_12"): named("橋", "橋を電車が行く。"),
        MEMBER.format("3_ruby_5"): named("橋", "橋が落ちた。", author="海原しづ"),
    }
    rows, rejected = read_rows(CORPUS, written(tmp_path, works))
    assert [(row["key"], row["opening"]) for row in rows] == [
        ("000001/7_ruby_80", "橋の上を、汽車が行く。"),
        ("000001/3_ruby_5", "橋が落ちた。"),
    ]
    assert [(row.place.rpartition("/")[2], row.reason) for row in rejected] == [
        ("7_ruby.txt", "same author and title as a newer edition"),
        ("9_txt_12.txt", "same author and title as a newer edition"),
    ]


def test_works_of_the_same_title_are_told_apart_by_what_the_title_leaves_out(tmp_path):
    works = {
        MEMBER.format("1"): named("橋", "橋の上を汽車が行く。", between="――ある町で――\n"),
        MEMBER.format("2"): named("橋", "橋が落ちた。", between="THE BRIDGE\n"),
        MEMBER.format("3"): named("橋", "橋を渡る。"),
        MEMBER.format("4"): named("川", "川が流れる。", between="――ある町で――\n"),
    }
    rows, rejected = read_rows(CORPUS, written(tmp_path, works))
    assert [row["title"] for row in rows] == ["橋\u3000――ある町で――", "橋\u3000THE BRIDGE", "橋", "川"]
    assert rejected == []


def test_of_works_that_begin_with_the_same_text_one_is_kept(tmp_path):
    works = {
        MEMBER.format("1_ruby_5"): named("橋", "橋の上を汽車が行く。"),
        MEMBER.format("2_ruby_4"): named("橋の話", "橋の上を汽車が行く。", author="山野一朗"),
    }
    rows, rejected = read_rows(CORPUS, written(tmp_path, works))
    assert [row["title"] for row in rows] == ["橋"]
    assert [row.reason for row in rejected] == ["same opening as a newer edition or another work"]


def test_an_author_that_another_work_names_alone_is_known(tmp_path):
    works = {
        MEMBER.format("1"): named("橋", "橋の上を汽車が行く。"),
        MEMBER.format("2"): named("手紙", "お手紙をいただきました。", author="山野一郎\n海原しづ"),
        MEMBER.format("3"): named("手紙", "お返事をいただきました。", author="朝\n海原しづ"),
    }
    rows, _ = read_rows(CORPUS, written(tmp_path, works))
    assert [(row["title"], row["author"]) for row in rows] == [
        ("橋", "山野一郎"),
        ("手紙", "山野一郎、海原しづ"),
        ("手紙\u3000朝", "海原しづ"),
    ]


LOOKS_LIKE_A_HEADING = ["000879/160_ruby_1235", "000879/45623_ruby_20632"]
"""A letter that begins with a name; an essay whose heading is indented like its text."""


def test_the_real_works():
    folder = raw_files_of("aozora")
    rows, rejected = aozora_rates.read_archive(folder / ARCHIVE)
    assert Counter(row.reason for row in rejected) == {
        "same author and title as a newer edition": 115,
        "same opening as a newer edition or another work": 1,
        "in copyright: in Aozora Bunko under terms of its own": 1,
    }
    assert len(rows) + len(rejected) == 1_177
    wrong = aozora_rates.wrong(rows, aozora_rates.texts_of(folder / ARCHIVE))
    assert wrong.pop("opening may begin with a heading") == LOOKS_LIKE_A_HEADING
    assert {name: keys for name, keys in wrong.items() if keys} == {}
    assert {row["author"] for row in rows} == {
        *("芥川龍之介", "芥川竜之介"),
        *("宮沢賢治", "宮澤賢治", "太宰治", "太宰治・山崎富栄"),
        *("夏目漱石", "夏目金之助", "森鴎外", "森林太郎"),
    }
