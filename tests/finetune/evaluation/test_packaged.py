"""lm-eval's packaged tasks are included and not copied; only where items come from, and the prompt, is ours."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from finetune import prompts
from finetune.errors import DataError
from finetune.evaluation import packaged
from finetune.evaluation.benchmarks import Benchmark, Item
from finetune.generate import Question

LIBRARY = Path("/library")
CHOICES = ("傘", "帽子", "靴", "鞄", "手袋")
RAIN = Item("1", Question("雨の日に外で差すものは？", "、".join(CHOICES)), ("傘",), CHOICES)
HANDS = Item("2", Question("手にはめるものは？", "、".join(CHOICES)), ("手袋",), CHOICES)
PARAGRAPH = "急須 [SEP] 急須は、茶葉に湯を注いで茶を出すための道具である。"
TEAPOT = Item(
    "a1p0q0", Question("茶を出す道具は？", PARAGRAPH.replace(" [SEP] ", "：")), ("急須", "急須は"), context=PARAGRAPH
)


def written(folder, name):
    return yaml.safe_load((folder / f"{name}.yaml").read_text(encoding="utf-8"))


def lines(path):
    return [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def prompt(tokenizer):
    return prompts.Prompt("alpaca", tokenizer)


def test_the_packaged_task_changes_in_its_files_only(tmp_path, prompt):
    tasks = packaged.write(tmp_path, Benchmark("jcommonsenseqa", [RAIN], 0), [HANDS], prompt, LIBRARY)
    assert [(task.name, task.prompt) for task in tasks] == [
        ("jcommonsenseqa_packaged", packaged.PACKAGED),
        ("jcommonsenseqa_trained", packaged.TRAINED),
    ]
    files = {
        "validation": str(tmp_path / "jcommonsenseqa.jsonl"),
        "train": str(tmp_path / "jcommonsenseqa.train.jsonl"),
    }
    assert written(tmp_path, "jcommonsenseqa_packaged") == {
        "task": "jcommonsenseqa_packaged",
        "include": "/library/lm_eval/tasks/japanese_leaderboard/ja_leaderboard_jcommonsenseqa.yaml",
        "dataset_path": "json",
        "dataset_name": None,
        "dataset_kwargs": {"data_files": files},
    }
    choices = {f"choice{number}": text for number, text in enumerate(CHOICES)}
    asked = {"question": RAIN.question.instruction, **choices, "label": 0}
    assert lines(files["validation"]) == [
        asked | {"prompt": prompts.format_prompt(RAIN.question.instruction, RAIN.question.input)}
    ]
    assert [row["label"] for row in lines(files["train"])] == [4]


def test_the_trained_prompt_stands_alone(tmp_path, prompt):
    packaged.write(tmp_path, Benchmark("jsquad", [TEAPOT], 0), [], prompt, LIBRARY)
    task = written(tmp_path, "jsquad_trained")
    assert {name: task[name] for name in ("description", "doc_to_text", "target_delimiter", "num_fewshot")} == {
        "description": "",
        "doc_to_text": "prompt",
        "target_delimiter": "",
        "num_fewshot": 0,
    }
    (row,) = lines(task["dataset_kwargs"]["data_files"]["validation"])
    assert row["prompt"] == prompts.format_prompt("茶を出す道具は？", TEAPOT.question.input)
    assert (row["context"], row["answers"]) == (PARAGRAPH, {"text": ["急須", "急須は"]})


def test_without_examples_none_are_shown(tmp_path, prompt):
    packaged.write(tmp_path, Benchmark("jsquad", [TEAPOT], 0), [], prompt, LIBRARY)
    task = written(tmp_path, "jsquad_packaged")
    assert (task["num_fewshot"], task["training_split"], task["fewshot_split"]) == (0, None, None)
    assert set(task["dataset_kwargs"]["data_files"]) == {"validation"}


def test_an_item_among_the_examples_is_refused(tmp_path, prompt):
    with pytest.raises(DataError, match="jcommonsenseqa: 1 items, the first 1, are also among the examples") as error:
        packaged.write(tmp_path, Benchmark("jcommonsenseqa", [RAIN], 0), [HANDS, RAIN], prompt, LIBRARY)
    assert "Next step: give --jcommonsenseqa-train" in str(error.value)
    assert not list(tmp_path.iterdir())
