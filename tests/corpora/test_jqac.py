"""What is special to JQAC: quoted CSV in a tar, rows of commas alone, members that are no data."""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path

import pytest

from builders.corpora.jqac import ARCHIVE, CORPUS
from builders.errors import FormatError
from tests.support.reading import count_records, raw_files_of, read_rows, records_of

HEADER = 'Theme (Category),Topic (Title),"Question (What, Who, Where, Whose, How, Yes/No)",Answer\r\n'
ROW = "学問,虹,虹の外側は何色ですか？,赤\r\n"


def written(directory: Path, members: dict[str, str | bytes]) -> Path:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, text in members.items():
            content = text if isinstance(text, bytes) else text.encode()
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    (directory / ARCHIVE).write_bytes(gzip.compress(packed.getvalue()))
    return directory


def test_the_topic_and_the_question_are_the_instruction(tmp_path):
    folder = written(tmp_path, {"jqac/Natural Science.csv": HEADER + ROW})
    assert records_of(CORPUS, folder, "knowledge-jqac") == [
        {
            "instruction": "「虹」について、虹の外側は何色ですか？",
            "input": "",
            "output": "赤",
            "id": "jqac:question:Natural_Science-2",
            "source": "jqac",
            "task": "question",
            "license": "CC-BY-SA-4.0",
        }
    ]


def test_members_that_are_no_data_are_left_out(tmp_path):
    members = {
        "jqac/._Culture.csv": b"\x00\x05\x16\x07",
        "jqac/Culture.csv": HEADER + ROW,
        "jqac/University Syllabus.csv": HEADER + ROW,
        "README.html": "<html></html>",
    }
    rows, rejected = read_rows(CORPUS, written(tmp_path, members))
    assert [row["key"] for row in rows] == ["Culture-2"]
    assert not rejected


def test_cells_are_trimmed_and_rows_of_commas_alone_are_no_rows(tmp_path):
    text = HEADER + '文化, 虹 ,"主虹は""外側""が\r\n赤いか\u3000","はい\xa0"\r\n' + ",,,\r\n" * 1000
    rows, rejected = read_rows(CORPUS, written(tmp_path, {"jqac/Culture.csv": text}))
    assert rows == [{"topic": "虹", "question": '主虹は"外側"が\n赤いか', "answer": "はい", "key": "Culture-2"}]
    assert not rejected


def test_rows_that_lack_something_are_rejected_with_their_line(tmp_path):
    text = HEADER + "文化,虹,,赤\r\n文化,虹,何色？, \r\n文化,,何色？,赤\r\n文化,虹\r\n" + ROW
    rows, rejected = read_rows(CORPUS, written(tmp_path, {"jqac/Culture.csv": text}))
    assert [row["key"] for row in rows] == ["Culture-6"]
    assert sorted((row.place, row.reason) for row in rejected) == [
        (f"{ARCHIVE}/jqac/Culture.csv line 2", "empty question"),
        (f"{ARCHIVE}/jqac/Culture.csv line 3", "empty answer"),
        (f"{ARCHIVE}/jqac/Culture.csv line 4", "empty topic"),
        (f"{ARCHIVE}/jqac/Culture.csv line 5", "2 columns instead of 4"),
    ]


@pytest.mark.parametrize(
    ("members", "message"),
    [
        (
            {"jqac/Culture.csv": "Topic (Title),Answer\r\n虹,赤\r\n"},
            f"{ARCHIVE}/jqac/Culture.csv, line 1: "
            'no column "Question (What, Who, Where, Whose, How, Yes/No)"; the columns are: Topic (Title), Answer',
        ),
        (
            {"jqac/Culture.csv": HEADER + '文化,虹,"何色？,赤\r\n'},
            f"{ARCHIVE}/jqac/Culture.csv, line 2: "
            "a quote opens in this row and does not close: the file is cut short or damaged",
        ),
        (
            {"jqac/Culture.tsv": HEADER + ROW},
            f"{ARCHIVE}: has none of the members wanted; it has: jqac/Culture.tsv",
        ),
    ],
    ids=["other columns", "open quote", "no member"],
)
def test_a_bad_file_is_an_error_that_names_it(tmp_path, members, message):
    with pytest.raises(FormatError) as error:
        read_rows(CORPUS, written(tmp_path, members))
    assert str(error.value) == message


def test_every_real_question_becomes_a_record():
    folder = raw_files_of("jqac")
    assert count_records(CORPUS, folder) == {"knowledge-jqac": 906}
    assert read_rows(CORPUS, folder)[1] == []
