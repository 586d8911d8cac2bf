"""The payload is what the corpus gave to a template, and nothing of the template's own words."""

from __future__ import annotations

import importlib
import pkgutil
import string

import pyarrow as pa
import pytest

from builders import corpora
from builders.clean.texts.payload import CELLS, cells, payloads
from builders.corpus import Template

TASKS = [
    task
    for module in pkgutil.iter_modules(corpora.__path__)
    for task in importlib.import_module(f"{corpora.__name__}.{module.name}").CORPUS.tasks
]
VALUES = ("雨の日", "It's 3.14: a {brace}\nand a line", "")


def record(template: Template, value: str) -> tuple[dict[str, str], list[str]]:
    """A record of a template whose columns hold a value and their own name; and what its cells should be."""
    written, expected = {"task": template.name}, []
    for name in CELLS:
        pattern = getattr(template, name)
        columns = [column for _, column, _, _ in string.Formatter().parse(pattern) if column is not None]
        filled = {column: f"{value}{column}" for column in columns}
        written[name] = pattern.format(**filled)
        expected.append("\n".join(filled[column] for column in columns))
    return written, expected


@pytest.mark.parametrize("encoded", [False, True], ids=["plain", "dictionary"])
@pytest.mark.parametrize("task", TASKS, ids=[task.config for task in TASKS])
def test_every_template_of_every_corpus(task, encoded):
    made = [record(template, value) for value in VALUES for template in task.templates]
    batch = pa.RecordBatch.from_pylist([written for written, _ in made])
    if encoded:
        place = batch.schema.get_field_index("instruction")
        batch = batch.set_column(place, "instruction", batch.column("instruction").dictionary_encode())

    found = [column.to_pylist() for column in cells(batch, task.templates)]

    assert [list(texts) for texts in zip(*found, strict=True)] == [expected for _, expected in made]


def test_a_record_that_no_template_wrote_is_payload_as_it_stands():
    batch = pa.RecordBatch.from_pylist(
        [
            {"instruction": "別の問い", "input": "", "output": "雨です。", "task": "meaning"},
            {"instruction": "「雨」とは何ですか", "input": "", "output": "水です。", "task": "other"},
        ]
    )
    template = Template("meaning", "「{word}」とは何ですか", "", "{definition}です。")

    found = [column.to_pylist() for column in cells(batch, (template,))]

    assert found[0] == ["別の問い", "「雨」とは何ですか"]
    assert found[2] == ["雨", "水です。"]


def test_without_templates_every_cell_is_payload():
    batch = pa.RecordBatch.from_pylist([{"instruction": "訳して。", "input": "雨", "output": "Rain"}])

    assert payloads(batch).cells(0) == ["訳して", "雨", "rain"]
