"""Benchmarks are read in their publishers' layout; a file that is none is named with the place that is wrong."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest

from builders.corpora import jcommonsenseqa, jsquad
from finetune.errors import DataError
from finetune.evaluation import benchmarks, seen

ROW = {"q_id": 7, "question": "雨の日に外で差すものは？", "label": 1} | {
    f"choice{number}": text for number, text in enumerate(("帽子", "傘", "靴", "鞄", "手袋"))
}
CONTEXT = f"急須{jsquad.SEPARATOR}急須（きゅうす）は、茶葉に湯を注いで茶を出すための道具である。"
QUESTION = {
    "id": "a1p0q0",
    "question": "茶を出す道具は？",
    "answers": [{"text": "急須"}, {"text": "急須"}, {"text": "道具"}],
}
NOTHING = pa.table({name: pa.array([], pa.string()) for name in ("instruction", "input", "output", "id")})


def squad(question: dict) -> dict:
    return {"data": [{"title": "急須", "paragraphs": [{"context": CONTEXT, "qas": [question]}]}]}


@pytest.fixture
def write(tmp_path):
    def write(content: str | dict):
        path = tmp_path / "benchmark.json"
        text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        path.write_text(text, encoding="utf-8")
        return path

    return write


def load(name, path, trained=NOTHING, limit=10):
    return benchmarks.load(name, path, seen.Trained(trained), limit=limit, seed=1)


def test_a_choice_is_put_as_the_dataset_s_records_put_it(write):
    (item,) = load("jcommonsenseqa", write(ROW)).items
    assert (item.key, item.references) == ("7", ("傘",))
    assert item.question.instruction == ROW["question"]
    assert item.question.input == jcommonsenseqa.joined(item.choices) == "帽子、傘、靴、鞄、手袋"
    (item,) = load("jcommonsenseqa", write(ROW | {"choice0": "赤、白"})).items
    assert item.question.input == jcommonsenseqa.joined(item.choices)


def test_a_paragraph_is_put_as_the_dataset_s_records_put_it(write):
    (item,) = load("jsquad", write(squad(QUESTION))).items
    title, _, paragraph = CONTEXT.partition(jsquad.SEPARATOR)
    assert item.question.input == jsquad.INPUT.format(title=title, paragraph=paragraph)
    assert (item.key, item.references, item.choices) == ("a1p0q0", ("急須", "道具"), ())


def test_the_paragraph_is_kept_as_it_was_published(write):
    (item,) = load("jsquad", write(squad(QUESTION))).items
    assert item.context == CONTEXT


def test_a_line_separator_inside_a_text_ends_no_line(write):
    row = json.dumps(ROW | {"question": "雨の日に\u2028外で\x85差すものは？"}, ensure_ascii=False)
    (item,) = load("jcommonsenseqa", write(row + "\n")).items
    assert item.question.instruction == "雨の日に\u2028外で\x85差すものは？"


def test_without_a_limit_every_item_is_asked(write):
    path = write("".join(json.dumps(ROW | {"q_id": number}) + "\n" for number in range(50)))
    assert len(load("jcommonsenseqa", path, limit=None).items) == 50


def test_items_are_drawn_by_seed(write):
    path = write("".join(json.dumps(ROW | {"q_id": number}) + "\n" for number in range(50)))
    first, again, other = (
        benchmarks.load("jcommonsenseqa", path, seen.Trained(NOTHING), limit=5, seed=seed) for seed in (1, 1, 2)
    )
    assert [item.key for item in first.items] == [item.key for item in again.items]
    assert [item.key for item in first.items] != [item.key for item in other.items]


def test_items_whose_ids_were_trained_on_are_refused(write):
    trained = pa.Table.from_pylist(
        [{"instruction": "x", "input": "y", "output": "z", "id": "jsquad:question:valid-a1p0q0-1of2"}]
    )
    with pytest.raises(DataError, match=r"cannot be reported: the model was trained on 1 of its 1 items \(a1p0q0\)"):
        load("jsquad", write(squad(QUESTION)), trained)


def test_items_with_the_texts_of_a_trained_record_are_left_out(write):
    text = {"instruction": ROW["question"], "input": "帽子、傘、靴、鞄、手袋", "output": "傘"}
    trained = pa.Table.from_pylist([text])
    rows = [ROW, ROW | {"q_id": 8, "question": "春に咲く花はどれですか？", "choice0": "桜", "label": 0}]
    path = write("".join(json.dumps(row) + "\n" for row in rows))
    found = load("jcommonsenseqa", path, trained)
    assert ([item.key for item in found.items], found.left_out) == (["8"], 1)
    with pytest.raises(DataError, match="has nothing to ask: the model was trained on the same texts"):
        load("jcommonsenseqa", write(ROW), trained)


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("jcommonsenseqa", {"q_id": 1}, "line 1: there is no field choice0"),
        ("jcommonsenseqa", ROW | {"label": 5}, "line 1: label 5 is not the number of a choice"),
        ("jcommonsenseqa", ROW | {"label": True}, "line 1: label is True"),
        ("jcommonsenseqa", ROW | {"choice1": 3}, "line 1: choice1 is 3"),
        ("jcommonsenseqa", "[1]", "line 1: no JSON object"),
        ("jcommonsenseqa", "{", "line 1: no JSON: "),
        ("jcommonsenseqa", "", "benchmark.json holds no questions"),
        ("jsquad", ROW, "benchmark.json: there is no field data"),
        ("jsquad", {"data": [1]}, "benchmark.json: data holds something else than objects"),
        ("jsquad", {"data": [{"paragraphs": [{}]}]}, "article 1: there is no field context"),
        ("jsquad", squad({"id": "a"}), "question 1: there is no field answers"),
        ("jsquad", squad(QUESTION | {"answers": []}), "question 1: answers is empty"),
        ("jsquad", {"data": []}, "benchmark.json holds no questions"),
    ],
)
def test_file_that_is_no_benchmark(write, name, content, problem):
    with pytest.raises(DataError) as error:
        load(name, write(content))
    assert problem in str(error.value) and "\nNext step: " in str(error.value)


def test_bytes_and_files_that_cannot_be_read(tmp_path):
    (tmp_path / "bytes.json").write_bytes(b'{"question": "\xff"}')
    for path in (tmp_path / "bytes.json", tmp_path / "missing.json", tmp_path):
        with pytest.raises(DataError, match="cannot be read: "):
            load("jcommonsenseqa", path)
