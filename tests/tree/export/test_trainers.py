"""What is said to the trainers. TRL is run in earnest where it is installed:

pip install --no-deps trl==1.16.0 && python -m pytest tests/tree/export/test_trainers.py
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from transformers import AutoTokenizer

from builders.tree import reader as tree
from builders.tree import report
from builders.tree.export import trainers
from builders.tree.export.files import export
from builders.tree.export.formats import FORMS, KEPT
from builders.tree.export.selection import Selection, choose
from finetune import tiny

TEMPLATE = (
    "{% for message in messages %}<{{ message['role'] }}>{{ message['content'] }}{{ eos_token }}{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}"
)
RUN_EACH = """
import json, sys
learnt = {}
for form, program in json.load(sys.stdin).items():
    names = {}
    exec(program, names)
    trainer = names["trainer"]
    assert "train_loss" in trainer.state.log_history[-1], trainer.state.log_history
    batch, tokenizer = trainer.data_collator([trainer.train_dataset[row] for row in range(3)]), trainer.processing_class
    learnt[form] = [tokenizer.decode(row[row != -100], skip_special_tokens=True) for row in batch["labels"]]
with open("learnt.json", "w") as file:
    json.dump(learnt, file)
"""
"""Runs programs for TRL, and writes what it computed the loss of, of the first three records."""
# the keys that the trainers' documentation names (see the docstring of builders.tree.export.trainers)
LLAMA_FACTORY = {"file_name", "formatting", "columns", "tags"}
LLAMA_FACTORY_COLUMNS = {"prompt", "query", "response", "messages"}
LLAMA_FACTORY_TAGS = {"role_tag", "content_tag", "user_tag", "assistant_tag"}
AXOLOTL = {"path", "ds_type", "type", "field", "field_messages", "message_property_mappings"}


@pytest.fixture(scope="module")
def exported(sample_dataset, tmp_path_factory) -> dict[str, Path]:
    directory = tmp_path_factory.mktemp("exported")
    config = tree.config_named("jsquad", report.load(sample_dataset), sample_dataset)
    chosen = choose(sample_dataset, config, Selection())
    files = {form: directory / f"{form}.jsonl" for form in FORMS}
    for form, file in files.items():
        export(sample_dataset, chosen, form, file)
    return files


def _own_names(file: Path) -> dict:
    """The first line without the columns that every form may keep."""
    line = json.loads(file.open(encoding="utf-8").readline())
    return {name: value for name, value in line.items() if name not in KEPT}


@pytest.fixture(scope="module")
def model(exported, tmp_path_factory) -> Path:
    """A small LLaMA with a chat template."""
    lines = [json.loads(line) for line in exported["alpaca"].read_text("utf-8").splitlines()]
    directory = tiny.make([line["input"] for line in lines], tmp_path_factory.mktemp("model"), vocab_size=400)
    tokenizer = AutoTokenizer.from_pretrained(directory)
    tokenizer.chat_template = TEMPLATE
    tokenizer.save_pretrained(directory)
    return directory


@pytest.fixture(scope="module")
def learnt(exported, model, tmp_path_factory) -> dict[str, list[str]]:
    """What TRL learnt of the first three records, by form; one process runs all programs, and imports TRL once."""
    folder = tmp_path_factory.mktemp("trl")
    programs = {form: trainers.trl_program(form, exported[form], str(model)) for form in trainers.FOR_TRL}
    done = subprocess.run(
        [sys.executable, "-c", RUN_EACH],
        input=json.dumps(programs), cwd=folder, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads((folder / "learnt.json").read_text())


@pytest.mark.skipif(importlib.util.find_spec("trl") is None, reason="trl is not installed")
@pytest.mark.parametrize("form", trainers.FOR_TRL)
def test_trl_trains_on_the_answers_of_the_file(form, exported, learnt):
    records = [json.loads(line) for line in exported["alpaca"].open(encoding="utf-8")]
    assert [text.strip() for text in learnt[form]] == [record["output"] for record in records[:3]]


@pytest.mark.parametrize("form", trainers.LLAMA_FACTORY)
def test_llama_factory_finds_its_columns_in_the_file(form, exported):
    (entry,) = trainers.llama_factory("ljd", form, exported[form]).values()
    line = _own_names(exported[form])

    assert set(entry) <= LLAMA_FACTORY and set(entry["columns"]) <= LLAMA_FACTORY_COLUMNS
    assert Path(entry["file_name"]) == exported[form]
    assert set(entry["columns"].values()) == set(line)
    if entry["formatting"] == "sharegpt":
        tags = entry["tags"]
        assert set(tags) == LLAMA_FACTORY_TAGS
        (turns,) = line.values()
        assert [turn[tags["role_tag"]] for turn in turns] == [tags["user_tag"], tags["assistant_tag"]]
        assert all(set(turn) == {tags["role_tag"], tags["content_tag"]} for turn in turns)


@pytest.mark.parametrize("form", trainers.AXOLOTL)
def test_axolotl_finds_its_fields_in_the_file(form, exported):
    (block,) = yaml.safe_load(yaml.safe_dump(trainers.axolotl(form, exported[form])))["datasets"]
    line = _own_names(exported[form])

    assert set(block) <= AXOLOTL
    assert Path(block["path"]) == exported[form]
    if block["type"] == "chat_template":
        turns = line[block["field_messages"]]
        assert set(block["message_property_mappings"]) == {"role", "content"}
        assert set(block["message_property_mappings"].values()) == set(turns[0])
    elif isinstance(block["type"], dict):
        assert {block["type"]["field_instruction"], block["type"]["field_output"]} == set(line)
    elif block["type"] == "completion":
        assert set(line) == {block["field"]}
    else:
        assert block["type"] == "alpaca" and set(line) == {"instruction", "input", "output"}
