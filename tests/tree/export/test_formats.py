"""From every form the record comes back."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.tree.export import formats
from builders.tree.export.formats import BLANK_LINE, FORMATS

LINES = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)
# a blank line ends the instruction where instruction and input are one text, so it cannot be inside of it
INSTRUCTIONS = LINES.filter(lambda text: text and BLANK_LINE not in text and not text.endswith("\n"))
RECORDS = st.fixed_dictionaries({"instruction": INSTRUCTIONS, "input": LINES, "output": LINES.filter(bool)})


def _ask(question: str) -> dict[str, str]:
    instruction, _, text = question.partition(BLANK_LINE)
    return {"instruction": instruction, "input": text}


def _from_messages(line):
    user, assistant = line["messages"]
    assert (user["role"], assistant["role"]) == ("user", "assistant")
    return _ask(user["content"]) | {"output": assistant["content"]}


def _from_sharegpt(line):
    human, model = line["conversations"]
    assert (human["from"], model["from"]) == ("human", "gpt")
    return _ask(human["value"]) | {"output": model["value"]}


BACK = {
    "messages": _from_messages,
    "prompt-completion": lambda line: _ask(line["prompt"].removesuffix(BLANK_LINE)) | {"output": line["completion"]},
    "sharegpt": _from_sharegpt,
    "alpaca": dict,
}


@pytest.mark.parametrize("form", FORMATS)
@given(record=RECORDS)
def test_round_trip(form, record):
    line = json.loads(json.dumps(FORMATS[form](record)))

    assert BACK[form](line) == record


def test_what_a_line_looks_like():
    record = {"instruction": "訳してください。", "input": "猫", "output": "cat", "id": "not part of it"}

    question = "訳してください。\n\n猫"
    assert formats.messages(record) == {
        "messages": [{"role": "user", "content": question}, {"role": "assistant", "content": "cat"}]
    }
    assert formats.prompt_completion(record) == {"prompt": f"{question}\n\n", "completion": "cat"}
    assert formats.sharegpt(record) == {
        "conversations": [{"from": "human", "value": question}, {"from": "gpt", "value": "cat"}]
    }
    assert formats.alpaca(record) == {"instruction": "訳してください。", "input": "猫", "output": "cat"}


def test_without_an_input_the_instruction_stands_alone():
    record = {"instruction": "空はなぜ青いのですか。", "input": "", "output": "散乱のためです。"}

    assert formats.question(record) == "空はなぜ青いのですか。"
    assert formats.prompt_completion(record)["prompt"] == "空はなぜ青いのですか。\n\n"
