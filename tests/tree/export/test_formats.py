"""From every form the record comes back."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.tree.export.formats import BLANK_LINE, FORMS, KEPT
from builders.tree.export.lines import COLUMNS, LineWriter

LINES = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)
# a blank line ends the instruction where instruction and input are one text, so it cannot be inside of it
INSTRUCTIONS = LINES.filter(lambda text: text and BLANK_LINE not in text and not text.endswith("\n"))
NAMES = st.from_regex(r"[A-Za-z0-9._-]+", fullmatch=True)
RECORDS = st.fixed_dictionaries(
    {"instruction": INSTRUCTIONS, "input": LINES, "output": LINES.filter(bool), "id": LINES}
)
ANSWER = "\n\n### 応答:\n"


def _lines(form: str, *records: dict[str, str]) -> list[dict[str, Any]]:
    table = {name: [record.get(name, "") for record in records] for name in COLUMNS}
    writer = LineWriter(FORMS[form], *(records[0].get(name, "") for name in ("source", "license")))
    written = bytes(writer.lines(pa.RecordBatch.from_pydict(table)))
    assert written.count(b"\n") == len(records)
    return [json.loads(line) for line in written.splitlines()]


def _ask(question: str) -> dict[str, str]:
    instruction, _, text = question.partition(BLANK_LINE)
    return {"instruction": instruction, "input": text}


def _from_messages(line: dict[str, Any]) -> dict[str, str]:
    user, assistant = line["messages"]
    assert (user["role"], assistant["role"]) == ("user", "assistant")
    return _ask(user["content"]) | {"output": assistant["content"]}


def _from_sharegpt(line: dict[str, Any]) -> dict[str, str]:
    human, model = line["conversations"]
    assert (human["from"], model["from"]) == ("human", "gpt")
    return _ask(human["value"]) | {"output": model["value"]}


def _from_text(line: dict[str, Any]) -> dict[str, str]:
    question, _, output = line["text"].partition("### 指示:\n")[2].partition(ANSWER)
    return _ask(question) | {"output": output}


BACK: dict[str, Callable[[dict[str, Any]], dict[str, str]]] = {
    "messages": _from_messages,
    "openai": _from_messages,
    "prompt-completion": lambda line: _ask(line["prompt"].removesuffix(BLANK_LINE)) | {"output": line["completion"]},
    "sharegpt": _from_sharegpt,
    "alpaca": lambda line: {name: line[name] for name in ("instruction", "input", "output")},
    "llm-jp": _from_text,
}


@pytest.mark.parametrize("form", FORMS)
@given(records=st.lists(RECORDS, min_size=1, max_size=3), source=NAMES, license=NAMES)
def test_round_trip(form: str, records: list[dict[str, str]], source: str, license: str) -> None:
    records = [{**record, "source": source, "license": license} for record in records]
    for record, line in zip(records, _lines(form, *records), strict=True):
        kept = KEPT if FORMS[form].keeps else ()
        assert BACK[form](line) | {name: line[name] for name in kept} == {
            name: text for name, text in record.items() if name not in KEPT or name in kept
        }


def test_every_character_that_json_escapes() -> None:
    text = "".join(map(chr, range(32))) + '"\\/\u2028é漢𠮷'

    (line,) = _lines("alpaca", {"instruction": text, "output": text})

    assert line["instruction"] == line["output"] == text


def test_what_a_line_looks_like() -> None:
    record = {
        "instruction": "訳してください。",
        "input": "猫",
        "output": "cat",
        "id": "a:b:1",
        "source": "a",
        "license": "X",
    }
    question = "訳してください。\n\n猫"
    turns = [{"role": "user", "content": question}, {"role": "assistant", "content": "cat"}]
    kept = {"id": "a:b:1", "source": "a", "license": "X"}
    expected = {
        "messages": {"messages": turns, **kept},
        "openai": {"messages": turns},
        "prompt-completion": {"prompt": f"{question}\n\n", "completion": "cat", **kept},
        "sharegpt": {
            "conversations": [{"from": "human", "value": question}, {"from": "gpt", "value": "cat"}],
            **kept,
        },
        "alpaca": {"instruction": "訳してください。", "input": "猫", "output": "cat", **kept},
        "llm-jp": {
            "text": "以下は、タスクを説明する指示です。要求を適切に満たす応答を書きなさい。\n\n"
            f"### 指示:\n{question}\n\n### 応答:\ncat",
            **kept,
        },
    }

    assert {form: _lines(form, record)[0] for form in FORMS} == expected


def test_without_an_input_the_instruction_stands_alone() -> None:
    (line,) = _lines("prompt-completion", {"instruction": "空はなぜ青いのですか。", "output": "散乱のためです。"})

    assert line["prompt"] == "空はなぜ青いのですか。\n\n"
