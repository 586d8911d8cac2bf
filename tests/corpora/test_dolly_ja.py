"""What is special to databricks-dolly-15k-ja: texts as they are, an input that may be empty."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from builders.corpora.dolly_ja import CORPUS, FILE
from builders.errors import FormatError
from tests.support.reading import count_records, raw_files_of, read_rows, records_of

RECORD = {"index": "0", "category": "open_qa", "instruction": "虹とは？", "input": "", "output": "光の帯です。\n"}


def written(directory: Path, *records: object) -> Path:
    (directory / FILE).write_text(json.dumps(records))
    return directory


def test_texts_are_taken_as_they_are_but_for_their_ends(tmp_path):
    with_input = {**RECORD, "index": "1", "input": " 雨上がり\n"}
    records = records_of(CORPUS, written(tmp_path, RECORD, with_input), "dolly-ja")
    assert [(r["id"], r["instruction"], r["input"], r["output"]) for r in records] == [
        ("dolly_ja:instruction:0", "虹とは？", "", "光の帯です。"),
        ("dolly_ja:instruction:1", "虹とは？", "雨上がり", "光の帯です。"),
    ]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"index": "1", "output": ""}, 'field "output" is empty'),
        ({"index": "1", "instruction": "\n"}, 'field "instruction" is empty'),
        ({"index": "1", "input": None}, 'field "input" is null, not text'),
        ({"index": ""}, 'field "index" is empty'),
        ({}, "an earlier record has the same id"),
    ],
)
def test_a_record_that_cannot_be_used_is_rejected_with_its_number(tmp_path, change, reason):
    rows, rejected = read_rows(CORPUS, written(tmp_path, RECORD, {**RECORD, **change}))
    assert [row["key"] for row in rows] == ["0"]
    assert [(reject.place, reject.reason) for reject in rejected] == [(f"{FILE} record 2", reason)]


def test_a_file_cut_in_the_middle_is_an_error(tmp_path):
    path = written(tmp_path, RECORD) / FILE
    path.write_text(path.read_text()[:40])
    with pytest.raises(FormatError) as error:
        read_rows(CORPUS, tmp_path)
    assert str(error.value) == (
        f"{FILE}, line 1, column 41: not valid JSON (unexpected end of data); the file is cut short or damaged"
    )


def test_every_real_record_is_kept():
    folder = raw_files_of("dolly_ja")
    assert count_records(CORPUS, folder) == {"dolly-ja": 15_015}
    rows, rejected = read_rows(CORPUS, folder)
    raw = json.loads((folder / FILE).read_bytes())
    assert not rejected
    assert [{"index": row.pop("key"), **row} for row in rows] == raw
