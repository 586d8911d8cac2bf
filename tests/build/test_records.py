"""Templates are filled column by column; a record with nothing to say is rejected."""

from __future__ import annotations

import pyarrow as pa
import pytest

from builders.build import records
from builders.corpus import Corpus, RemoteFile, Task, Template
from builders.licenses import CC_BY_4
from builders.rows import Rows
from builders.schema import SCHEMA

WORDS = pa.RecordBatch.from_pydict(
    {"word": ["猫", "犬", "鳥"], "meaning": ["ねこ", " \u3000", ""], "key": ["1", "2", "3"]}
)


def corpus(*templates: Template) -> Corpus:
    return Corpus(
        name="words",
        title="Words",
        homepage="https://example.org",
        license=CC_BY_4,
        attribution="nobody",
        citation="",
        files=(RemoteFile("words.txt", "https://example.org/words.txt"),),
        tasks=(Task("knowledge-words", templates, paper_count=3),),
        columns={"word": "ja", "meaning": "ja"},
        read=lambda part: iter(()),
    )


def make(*templates: Template, record_type: str = "rows"):
    made = corpus(*templates)
    return list(records.make_records(Rows(WORDS, record_type=record_type), made, made.tasks[0]))


def test_a_pattern_is_text_columns_or_both():
    [(template, batch, rejected)] = make(Template("meaning", "「{word}」とは？", "", "{word}: {meaning}。{{}}"))
    rows = batch.cast(SCHEMA).to_pylist()
    assert rows[0] == {
        "instruction": "「猫」とは？",
        "input": "",
        "output": "猫: ねこ。{}",
        "id": "words:meaning:1",
        "source": "words",
        "task": "meaning",
        "license": "CC-BY-4.0",
    }
    assert len(rows) == 3 and rejected == ()


def test_blank_outputs_are_rejected_one_by_one():
    [(_, batch, rejected)] = make(Template("meaning", "意味は？", "{word}", "{meaning}"))
    assert batch.column("id").to_pylist() == ["words:meaning:1"]
    assert [(reject.place, reject.reason) for reject in rejected] == [
        ("words:meaning:2", "blank output"),
        ("words:meaning:3", "blank output"),
    ]
    assert rejected[0].raw == "意味は？\t犬\t"


def test_blank_instructions_are_rejected():
    [(_, batch, rejected)] = make(Template("asked", "{meaning}", "", "{word}"))
    assert batch.num_rows == 1 and {reject.reason for reject in rejected} == {"blank instruction"}


def test_cells_are_trimmed_and_what_has_no_width_is_blank():
    rows = pa.RecordBatch.from_pydict(
        {
            "word": ["\u3000猫\xa0", "犬 の\n", "\ufeff鳥\u200b"],
            "meaning": [" ねこ\t", "\u200b\u2060", "とり"],
            "key": [" 1", "2", "3"],
        }
    )
    made = corpus(Template("meaning", "「{word}」の意味は？", "{word}", "{meaning}"))
    [(_, batch, rejected)] = records.make_records(Rows(rows), made, made.tasks[0])
    assert [tuple(row.values())[:4] for row in batch.cast(SCHEMA).to_pylist()] == [
        ("「猫」の意味は？", "猫", "ねこ", "words:meaning: 1"),
        ("「鳥」の意味は？", "鳥", "とり", "words:meaning:3"),
    ]
    assert [row.reason for row in rejected] == ["blank output"]


def test_only_templates_of_the_record_type_are_filled():
    here, elsewhere = Template("a", "x", "", "{word}"), Template("b", "x", "", "{word}", record_type="other")
    assert [template.name for template, _, _ in make(here, elsewhere)] == ["a"]


def test_a_column_that_is_not_there_is_an_error():
    with pytest.raises(KeyError):
        make(Template("a", "x", "", "{nothing}"))


def test_plain_size_is_what_arrow_needs_for_plain_strings():
    [(_, batch, _)] = make(Template("meaning", "意味は？", "", "{word}"))
    texts = [cell for row in batch.to_pylist() for cell in row.values()]
    assert records.plain_size(batch) == sum(len(text.encode()) + 4 for text in texts)
