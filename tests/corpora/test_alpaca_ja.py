"""What is special to the Japanese Alpaca data: no ids, and a license that its repository does not name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from builders.corpora.alpaca_ja import CORPUS, FILE
from builders.errors import FormatError
from tests.support.reading import read_rows, records_of

RECORD = {"instruction": "足してください。", "input": "12、30", "output": "42です。"}


def written(directory: Path, content: object) -> Path:
    (directory / FILE).write_text(json.dumps(content))
    return directory


def test_the_key_is_the_number_of_the_record(tmp_path):
    records = records_of(CORPUS, written(tmp_path, [RECORD, {**RECORD, "input": ""}]), "alpaca-ja")
    assert [(r["id"], r["instruction"], r["input"], r["output"], r["license"]) for r in records] == [
        ("alpaca_ja:instruction:1", "足してください。", "12、30", "42です。", "CC-BY-NC-4.0"),
        ("alpaca_ja:instruction:2", "足してください。", "", "42です。", "CC-BY-NC-4.0"),
    ]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ({**RECORD, "output": ""}, 'field "output" is empty'),
        ({"instruction": "？", "output": "！"}, 'field "input" is missing'),
        ("足してください。", "not a JSON object"),
        (None, "not a JSON object"),
    ],
)
def test_a_rejected_record_leaves_the_others_their_numbers(tmp_path, bad, reason):
    rows, rejected = read_rows(CORPUS, written(tmp_path, [RECORD, bad, RECORD]))
    assert [row["key"] for row in rows] == ["1", "3"]
    assert [(reject.place, reject.reason) for reject in rejected] == [(f"{FILE} record 2", reason)]


def test_another_document_is_an_error(tmp_path):
    with pytest.raises(FormatError) as error:
        read_rows(CORPUS, written(tmp_path, RECORD))
    assert str(error.value) == f"{FILE}: not a JSON list but an object"
