"""Items come out of the records that a benchmark's split became, or out of anybody's JSON Lines."""

from __future__ import annotations

import pyarrow as pa
import pytest

from builders.clean.overlap.items import KNOWN, Item, belongs, from_records, read_articles, read_jsonl
from builders.corpus import Template
from builders.errors import BuildError, FormatError
from builders.instructions import translation

BY_NAME = {known.name: known for known in KNOWN}


def batch(*rows: tuple[str, str, str, str]) -> pa.RecordBatch:
    columns = zip(*rows, strict=True)
    return pa.RecordBatch.from_pydict(
        dict(zip(("id", "instruction", "input", "output"), columns, strict=True))
    ).append_column("task", pa.array([row[0].split(":")[1] for row in rows]))


def test_the_split_is_read_from_the_ids():
    records = batch(
        ("jsquad:question:valid-a1p0q0-1", "何というか。", "急須：道具である。", "急須"),
        ("jsquad:question:train-a1p0q0-1", "どこか。", "急須：道具である。", "台所"),
    )
    template = Template("question", "{question}", "{title}：{paragraph}", "{answer}")

    items = from_records([records], BY_NAME["jsquad-valid"], (template,))

    assert items == [
        Item("jsquad-valid", "jsquad:question:valid-a1p0q0-1", "何というか。", "急須", "急須\n道具である。")
    ]
    assert items[0].telling == ("何というか。",)


def test_the_parts_of_alt_are_lists_of_articles(tmp_path):
    path = tmp_path / "URL-test.txt"
    path.write_text("URL.12\thttp://a.example/x\nURL.3\thttp://a.example/y\n", "utf-8")
    articles = read_articles(path)
    rows = [(f"alt:{task}:SNT.{number}.1", "", "雨だ。", "Rain.") for number in (3, 31) for task in ("ja-en", "en-ja")]
    records = batch(*rows)

    items = from_records([records], BY_NAME["alt-test"], translation(), articles)

    assert articles == {"3", "12"}
    assert belongs(records.column("id"), BY_NAME["alt-test"], articles).to_pylist() == [True, True, False, False]
    assert [(item.key, item.sides, item.telling) for item in items] == [
        ("alt:ja-en:SNT.3.1", ("雨だ。", "Rain."), ("雨だ。", "Rain."))
    ]


def test_a_file_that_lists_no_articles_is_named(tmp_path):
    path = tmp_path / "URL-dev.txt"
    path.write_text("URL.1\thttp://a.example\n<html>\n", "utf-8")

    with pytest.raises(FormatError, match=r"URL-dev\.txt, line 2"):
        read_articles(path)


def test_json_lines_with_named_fields(tmp_path):
    path = tmp_path / "quiz.jsonl"
    path.write_text('{"q": "何か？", "a": ["傘", "かさ"], "n": 3}\n{"q": "誰か？", "a": null}\n', "utf-8")

    items = read_jsonl(path, {"q": "question", "a": "answer"})

    assert items == [Item("quiz", "line 1", "何か？", "傘\nかさ"), Item("quiz", "line 2", "誰か？")]


@pytest.mark.parametrize(
    ("content", "roles", "problem"),
    [
        ('{"question": "何か"}\n', {"q": "question"}, r'line 1: no field "q". It has: question'),
        ('{"q": ""}\n', {"q": "question"}, "no item with a text"),
        ('{"q": "何か"}\n', {"q": "title"}, '"title" is no role'),
        ('{"q": "何か"}\n', {}, "is no role"),
    ],
    ids=["no such field", "no text", "unknown role", "no field named"],
)
def test_a_benchmark_that_cannot_be_used_says_so(tmp_path, content, roles, problem):
    path = tmp_path / "quiz.jsonl"
    path.write_text(content, "utf-8")

    with pytest.raises(BuildError, match=problem):
        read_jsonl(path, roles)


def test_a_benchmark_of_other_values_is_no_benchmark(tmp_path):
    path = tmp_path / "quiz.jsonl"
    path.write_text('["何か"]\n', "utf-8")

    with pytest.raises(FormatError, match=r"quiz\.jsonl, line 1: not a JSON object"):
        read_jsonl(path, {"q": "question"})
