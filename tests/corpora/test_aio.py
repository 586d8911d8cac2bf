"""What is special to the AI王 quizzes: the texts as written, the numbers in two types, the split in the key."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from builders.corpora.aio import CORPUS
from builders.errors import FormatError
from tests.support.reading import count_records, raw_files_of, read_rows, records_of

TRAIN, DEV = "aio_02_train.jsonl", "aio_02_dev_v1.0.jsonl"
QUIZ = {
    "qid": "AIO02-0007",
    "number": "7",
    "original_question": "日本で一番高い山は何？",
    "original_answer": "富士山",
    "question": "日本で一番高い山は何?",
    "answers": ["富士山", "富士"],
}


def written(directory: Path, *quizzes: dict, file: str = DEV) -> Path:
    (directory / file).write_text("".join(json.dumps(quiz) + "\n" for quiz in quizzes))
    return directory


def test_the_quiz_as_it_was_written_becomes_a_record(tmp_path):
    [record] = records_of(CORPUS, written(tmp_path, QUIZ), "knowledge-aio")
    assert record == {
        "instruction": "日本で一番高い山は何？",
        "input": "",
        "output": "富士山",
        "id": "aio:question:dev-AIO02-0007",
        "source": "aio",
        "task": "question",
        "license": "CC-BY-SA-4.0",
    }


def test_numbers_of_either_type_and_the_same_id_in_both_files(tmp_path):
    written(tmp_path, {**QUIZ, "number": 7}, file=TRAIN)
    rows, rejected = read_rows(CORPUS, written(tmp_path, QUIZ))
    assert [row["key"] for row in rows] == ["train-AIO02-0007", "dev-AIO02-0007"]
    assert not rejected


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"original_answer": ""}, 'field "original_answer" is empty'),
        ({"original_answer": None}, 'field "original_answer" is null, not text'),
        ({"original_question": ["山"]}, 'field "original_question" is a list, not text'),
    ],
)
def test_a_quiz_that_cannot_be_used_is_rejected_with_its_line(tmp_path, change, reason):
    rows, rejected = read_rows(CORPUS, written(tmp_path, QUIZ, {**QUIZ, "qid": "AIO02-0008", **change}))
    assert [row["key"] for row in rows] == ["dev-AIO02-0007"]
    assert [(reject.place, reject.reason) for reject in rejected] == [(f"{DEV} line 2", reason)]


def test_a_page_of_the_server_instead_of_the_file_is_an_error(tmp_path):
    (tmp_path / DEV).write_text('<?xml version="1.0"?>\n<Error><Code>AccessDenied</Code></Error>\n')
    with pytest.raises(FormatError) as error:
        read_rows(CORPUS, tmp_path)
    assert str(error.value) == (
        f"{DEV}, line 1: not valid JSON (unexpected character, expected a JSON value); the file is cut short or damaged"
    )


def test_every_real_quiz_of_the_development_set_becomes_a_record():
    folder = raw_files_of("aio")
    assert count_records(CORPUS, folder) == {"knowledge-aio": 1_000}
    assert read_rows(CORPUS, folder)[1] == []
