"""What is special to JCommonsenseQA: five choices, the number of the right one, the split in the key."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from builders.corpora.jcommonsenseqa import CORPUS
from builders.errors import FormatError
from tests.support.reading import count_records, raw_files_of, read_rows, records_of

QUESTION = {"q_id": 7, "question": "雨の日に差すものは？", "label": 1} | {
    f"choice{number}": choice for number, choice in enumerate(["帽子", "傘", "靴", "鞄", "手袋"])
}


def written(directory: Path, *questions: dict, file: str = "valid-v1.1.json") -> Path:
    (directory / file).write_text("".join(json.dumps(question) + "\n" for question in questions))
    return directory


def test_a_question_becomes_a_record(tmp_path):
    [record] = records_of(CORPUS, written(tmp_path, QUESTION), "knowledge-jcommonsenseqa")
    assert record == {
        "instruction": "雨の日に差すものは？",
        "input": "帽子、傘、靴、鞄、手袋",
        "output": "傘",
        "id": "jcommonsenseqa:question:valid-7",
        "source": "jcommonsenseqa",
        "task": "question",
        "license": "CC-BY-SA-4.0",
    }


@pytest.mark.parametrize(
    ("choices", "joined"),
    [
        (["帽子", "傘", "靴", "鞄", "手袋"], "帽子、傘、靴、鞄、手袋"),
        (["帽子", "傘、合羽", "靴", "鞄", "手袋"], "「帽子」、「傘、合羽」、「靴」、「鞄」、「手袋」"),
        ([" 帽子", "傘\u3000", "靴\xa0", "\u200b鞄", "手袋"], "帽子、傘、靴、鞄、手袋"),
    ],
)
def test_choices_can_be_told_apart(tmp_path, choices, joined):
    changed = {f"choice{number}": choice for number, choice in enumerate(choices)}
    [record] = records_of(CORPUS, written(tmp_path, {**QUESTION, **changed}), "knowledge-jcommonsenseqa")
    assert record["input"] == joined
    assert record["output"] == choices[1].strip()


def test_the_same_number_in_both_splits_gives_two_keys(tmp_path):
    written(tmp_path, QUESTION)
    rows, _ = read_rows(CORPUS, written(tmp_path, QUESTION, file="train-v1.1.json"))
    assert [row["key"] for row in rows] == ["train-7", "valid-7"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"label": 5}, "label is not the number of a choice"),
        ({"label": -1}, "label is not the number of a choice"),
        ({"label": "1"}, "label is not the number of a choice"),
        ({"label": 1.0}, "label is not the number of a choice"),
        ({"choice4": " "}, 'field "choice4" is empty'),
        ({"choice0": None}, 'field "choice0" is null, not text'),
        ({"question": ""}, 'field "question" is empty'),
    ],
)
def test_a_question_that_cannot_be_used_is_rejected_with_its_line(tmp_path, change, reason):
    rows, rejected = read_rows(CORPUS, written(tmp_path, QUESTION, {**QUESTION, "q_id": 8, **change}))
    assert [row["key"] for row in rows] == ["valid-7"]
    assert [(reject.place, reject.reason) for reject in rejected] == [("valid-v1.1.json line 2", reason)]


def test_a_file_cut_in_the_middle_is_an_error(tmp_path):
    path = written(tmp_path, QUESTION, QUESTION) / "valid-v1.1.json"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(FormatError) as error:
        read_rows(CORPUS, tmp_path)
    assert str(error.value) == (
        "valid-v1.1.json, line 2: not valid JSON (unexpected end of data); the file is cut short or damaged"
    )


def test_every_real_question_becomes_a_record():
    folder = raw_files_of("jcommonsenseqa")
    assert count_records(CORPUS, folder) == {"knowledge-jcommonsenseqa": 8_939 + 1_119}
    rows, rejected = read_rows(CORPUS, folder)
    assert not rejected
    assert len({row["key"] for row in rows}) == 10_058
    assert all(row["answer"] in row["choices"] for row in rows)
