"""What is special to JSQuAD: the title in the context, several answers to one question, short inputs."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.corpora.jsquad import CORPUS, answers_of, longest
from builders.errors import FormatError
from tests.support.reading import count_records, raw_files_of, read_rows, records_of

CONTEXT = "急須 [SEP] 急須（きゅうす）は、茶葉に湯を注いで茶を出すための道具である。"


def question(id: str, *answers: str, text: str = "茶を出すための道具は何か。") -> dict:
    return {"id": id, "question": text, "answers": [{"text": a, "answer_start": 0} for a in answers]}


def written(directory: Path, *questions: dict, context: str = CONTEXT) -> Path:
    return document(directory, [{"title": "急須", "paragraphs": [{"context": context, "qas": list(questions)}]}])


def document(directory: Path, articles: list) -> Path:
    (directory / "valid-v1.1.json").write_text(json.dumps({"data": articles}))
    return directory


def test_a_question_becomes_a_record(tmp_path):
    [record] = records_of(CORPUS, written(tmp_path, question("a1p0q0", "急須", "急須", "急須")), "jsquad")
    assert record == {
        "instruction": "茶を出すための道具は何か。",
        "input": "急須：急須（きゅうす）は、茶葉に湯を注いで茶を出すための道具である。",
        "output": "急須",
        "id": "jsquad:question:valid-a1p0q0-1",
        "source": "jsquad",
        "task": "question",
        "license": "CC-BY-SA-4.0",
    }


def test_each_answer_that_no_other_contains_gives_a_record(tmp_path):
    rows, rejected = read_rows(CORPUS, written(tmp_path, question("q", "茶葉", "急須", "急須（きゅうす）")))
    assert [(row["key"], row["answer"]) for row in rows] == [
        ("valid-q-1of2", "茶葉"),
        ("valid-q-2of2", "急須（きゅうす）"),
    ]
    assert not rejected


@given(st.lists(st.text("急須茶", min_size=1, max_size=4)))
def test_every_answer_given_is_kept_or_in_a_kept_one(answers):
    kept = longest(answers)
    assert set(kept) <= set(answers) and len(set(kept)) == len(kept)
    assert all(any(answer in other for other in kept) for answer in answers)
    assert not any(one in other for one in kept for other in kept if one != other)


@pytest.mark.parametrize(("length", "records"), [(29, 0), (30, 1)])
def test_the_shortest_input(tmp_path, length, records):
    context = "茶 [SEP] " + "あ" * (length - 2)
    rows, rejected = read_rows(CORPUS, written(tmp_path, question("q", "あ"), context=context))
    assert len(rows) == records
    assert [reject.reason for reject in rejected] == ["input under 30 characters"] * (1 - records)


def test_only_the_first_separator_ends_the_title(tmp_path):
    context = "茶：煎茶 [SEP] 茶葉の袋には [SEP] という印があり、その横に産地と摘んだ日が書かれている。"
    [record] = records_of(CORPUS, written(tmp_path, question("q", "産地"), context=context), "jsquad")
    assert record["input"] == "茶：煎茶：茶葉の袋には [SEP] という印があり、その横に産地と摘んだ日が書かれている。"


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (question("r"), "no answer"),
        ({"id": "r", "question": "何か。"}, 'field "answers" is missing'),
        ({"id": "r", "question": "何か。", "answers": "急須"}, "no answer"),
        (question("r", " "), 'field "text" is empty'),
        (question("r", "急須", text="\u3000"), 'field "question" is empty'),
        (question("q", "急須"), "an earlier record has the same id"),
    ],
)
def test_a_question_that_cannot_be_used_is_rejected_with_its_id(tmp_path, bad, reason):
    rows, rejected = read_rows(CORPUS, written(tmp_path, question("q", "急須"), bad))
    assert [row["key"] for row in rows] == ["valid-q-1"]
    assert [(reject.place, reject.reason) for reject in rejected] == [(f"valid-v1.1.json question {bad['id']}", reason)]


def test_a_context_without_a_title(tmp_path):
    rows, [reject] = read_rows(CORPUS, written(tmp_path, question("q", "急須"), context=CONTEXT.replace(" [SEP]", "")))
    assert not rows
    assert reject.reason == 'field "context" has no "[SEP]"'


@pytest.mark.parametrize(
    ("articles", "message"),
    [
        (
            [{"title": "急須"}],
            'valid-v1.1.json, record 1: not an article in the layout of SQuAD (field "paragraphs" is missing)',
        ),
        (
            [{"paragraphs": [{"qas": []}]}],
            'valid-v1.1.json, record 1: not an article in the layout of SQuAD (field "context" is missing)',
        ),
        (["急須"], "valid-v1.1.json, record 1: not an article in the layout of SQuAD (not a JSON object)"),
        (
            [{"paragraphs": None}],
            "valid-v1.1.json, record 1: not an article in the layout of SQuAD ('NoneType' object is not iterable)",
        ),
    ],
)
def test_another_document_is_an_error(tmp_path, articles, message):
    with pytest.raises(FormatError) as error:
        read_rows(CORPUS, document(tmp_path, articles))
    assert str(error.value) == message


def test_a_file_without_data_is_an_error(tmp_path):
    (tmp_path / "valid-v1.1.json").write_text("[]")
    with pytest.raises(FormatError) as error:
        read_rows(CORPUS, tmp_path)
    assert str(error.value) == 'valid-v1.1.json: not the expected document: no field "data"'


def test_the_real_valid_file_gives_4_822_records():
    folder = raw_files_of("jsquad")
    assert count_records(CORPUS, folder) == {"jsquad": 4_822}
    rows, rejected = read_rows(CORPUS, folder)
    assert len({row["key"] for row in rows}) == 4_822
    # 4,442 questions, of which those on four paragraphs that lost their text are out.
    assert len({row["key"].rpartition("-")[0] for row in rows}) == 4_442 - len(rejected) == 4_430
    assert {reject.reason for reject in rejected} == {"input under 30 characters"}


@pytest.mark.parametrize(
    "key, answers",
    [
        ("valid-a1p0q0-1", 1),
        ("valid-a1p0q0-2of3", 3),
        ("jsquad:question:train-a1p0q0-10of12", 12),
        ("jsquad:question:train-1of2p0q0-1", 1),
    ],
)
def test_a_record_says_how_many_answers_its_question_has(key, answers):
    assert answers_of(key) == answers


def test_answers_that_differ_in_white_space_are_one(tmp_path):
    rows, _ = read_rows(CORPUS, written(tmp_path, question("q", "茶葉\u3000", "\u200b茶葉")))
    assert [(row["key"], row["answer"]) for row in rows] == [("valid-q-1", "茶葉")]


def test_the_ids_of_the_real_valid_file_say_which_questions_have_several_answers():
    rows, _ = read_rows(CORPUS, raw_files_of("jsquad"))
    records = Counter(row["key"].rpartition("-")[0] for row in rows)
    assert all(answers_of(row["key"]) == records[row["key"].rpartition("-")[0]] for row in rows)
    assert sum(count > 1 for count in records.values()) == 377
