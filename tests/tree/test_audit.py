"""Each check finds the records it is made for and no others; the findings over the samples are a golden file."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import catalogue
from builders.tree import reader, report
from builders.tree.audit import CHECKS, CONTRADICTORY, REPEATED, asked_again, audit, output_languages
from tests.support import golden_audit

LANGUAGES = {"ja-en": "en", "en-ja": "ja"}


def found(check: str, output: str, *, input: str = "", task: str = "any") -> bool:
    batch = pa.RecordBatch.from_pydict(
        {"instruction": ["？"], "input": [input], "output": [output], "task": [task]}
    ).set_column(0, "instruction", pa.array(["？"]).dictionary_encode())
    return CHECKS[check](batch, LANGUAGES).to_pylist() == [True]


@pytest.mark.parametrize("text", ["値は null です", "川 が流れる", "「 川", "川\xa0x", "x ー"])
def test_a_blank_beside_japanese(text):
    assert found("blank beside Japanese", text) and found("blank beside Japanese", "x", input=text)


@pytest.mark.parametrize("text", ["値はnullです", "a b c", "川\u3000海", "川\n海", "値: 3 x"])
def test_no_blank_beside_japanese(text):
    assert not found("blank beside Japanese", text)


@pytest.mark.parametrize(
    "text",
    ["[[川]]", "{{lang|en|x}}", "'''川'''", "a<br>b", "</ref>", "&nbsp;", "&#12354;", "［＃字下げ］", "いろ／＼", "{|"],
)
def test_markup_left(text):
    assert found("markup left", text) and found("markup left", "x", input=text)


@pytest.mark.parametrize("text", ["a < b > c", "R&D", "[1]", "x'y", "《川》", "1/2", "AT&T; and"])
def test_no_markup(text):
    assert not found("markup left", text)


@pytest.mark.parametrize(
    ("text", "unbalanced"), [("（川", True), ("川」", True), ("「（川）」", False), ("1) 川", True)]
)
def test_unbalanced_brackets(text, unbalanced):
    assert found("unbalanced brackets", text) == unbalanced


def test_input_is_output():
    assert found("input = output", "川", input="川")
    assert not found("input = output", "川", input="川。")


@pytest.mark.parametrize(
    ("task", "output", "other"),
    [
        ("ja-en", "The river.", False),
        ("ja-en", "川 is a river.", True),
        ("ja-en", "123", True),
        ("en-ja", "川。", False),
        ("en-ja", "OK!", True),
        ("any", "123", False),
    ],
)
def test_output_in_the_language_that_is_asked_for(task, output, other):
    assert found("other language", output, task=task) == other


def test_languages_of_the_catalogue():
    assert output_languages(catalogue.CORPORA["coursera"]) == {"ja-en": "en", "en-ja": "ja"}
    assert output_languages(catalogue.CORPORA["aio"]) == {}
    assert output_languages(catalogue.CORPORA["wikipedia"]) == {"explain": "ja"}


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=30))
def test_prompts_asked_again(records):
    prompts, answers = (np.array([record[place] for record in records], np.uint64) for place in (0, 1))
    masks = asked_again(prompts, answers)
    by_prompt = defaultdict(set)
    for prompt, answer in records:
        by_prompt[prompt].add(answer)
    assert masks[CONTRADICTORY].tolist() == [len(by_prompt[prompt]) > 1 for prompt, _ in records]
    assert masks[REPEATED].tolist() == [record in records[:number] for number, record in enumerate(records)]


def test_findings_are_counted_and_shown(sample_dataset):
    content = report.load(sample_dataset)
    read: list[int] = []
    findings = audit(sample_dataset, content, read.append)
    assert sum(read) == sum(config.records for config in content.built.values())
    tanaka = findings["translation-tanaka"]
    assert list(tanaka) == [*CHECKS, CONTRADICTORY, REPEATED]
    [one, other] = tanaka[CONTRADICTORY].examples
    assert (one.instruction, one.input) == (other.instruction, other.input) and one.output != other.output
    records = {
        record["id"]: record
        for batch in reader.batches(sample_dataset, content.built["translation-tanaka"], ("id", "output"))
        for record in batch.to_pylist()
    }
    assert all(records[example.id]["output"] == example.output for example in tanaka[REPEATED].examples)
    assert all(len(finding.examples) <= 3 for found in findings.values() for finding in found.values())


def test_the_samples_are_as_the_golden_file_says(sample_dataset):
    assert golden_audit.PATH.read_bytes() == golden_audit.made_from(sample_dataset), (
        f"If that is meant: {golden_audit.COMMAND}, and read the diff."
    )
