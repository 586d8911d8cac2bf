"""Tasks for lm-eval: its own packaged Japanese ones, pointed at local files, and the same under the trained prompt.

A task is a YAML file that includes the packaged one and changes where the items come from; nothing is copied. Prompt,
examples and metric of the packaged task stay, so its figures compare with those that others report. The second task of
each benchmark puts the questions as ``finetune.evaluate`` puts them, in the prompt that the adapter was trained with.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from finetune.errors import DataError

if TYPE_CHECKING:
    from finetune.evaluation.benchmarks import Benchmark, Item
    from finetune.prompts import Prompt

FOLDER = Path("lm_eval", "tasks", "japanese_leaderboard")
"""Where lm-eval keeps the packaged tasks."""
PACKAGED, TRAINED = "lm-eval", "trained"
METRICS = {"jcommonsenseqa": "acc,none", "jsquad": "exact_match,whitespaces"}
"""The packaged tasks' metrics, as lm-eval's results call them: with the filter behind the comma."""


@dataclass(frozen=True)
class Task:
    """One task of lm-eval."""

    name: str
    benchmark: str
    prompt: str
    """``PACKAGED`` or ``TRAINED``."""


def write(folder: Path, benchmark: Benchmark, examples: Sequence[Item], prompt: Prompt, library: Path) -> list[Task]:
    """Write the two tasks of a benchmark, and its items beside them.

    Args:
        folder: An empty folder, for ``--include_path``.
        benchmark: The items to ask.
        examples: Items to draw the examples in front of a question from; without any, none stands there.
        prompt: The prompt that the adapter was trained with.
        library: The folder that holds the package ``lm_eval``.

    Raises:
        DataError: An item is among the examples.
    """
    name = benchmark.name
    shown = {item.question for item in examples}
    if repeated := [item.key for item in benchmark.items if item.question in shown]:
        raise DataError(
            f"{name}: {len(repeated):,} items, the first {repeated[0]}, are also among the examples\n"
            f"Next step: give --{name}-train the publisher's file for training."
        )
    files = {"validation": _write_items(folder / f"{name}.jsonl", benchmark.items, prompt)}
    if examples:
        files["train"] = _write_items(folder / f"{name}.train.jsonl", examples, prompt)
    local: dict[str, Any] = {
        "include": str(library / FOLDER / f"ja_leaderboard_{name}.yaml"),
        "dataset_path": "json",
        "dataset_name": None,
        "dataset_kwargs": {"data_files": files},
    }
    if not examples:
        local |= {"training_split": None, "fewshot_split": None, "num_fewshot": 0}
    trained = {"description": "", "doc_to_text": "prompt", "target_delimiter": "", "num_fewshot": 0}
    tasks = [Task(f"{name}_packaged", name, PACKAGED), Task(f"{name}_trained", name, TRAINED)]
    for task, changes in zip(tasks, ({}, trained), strict=True):
        text = yaml.safe_dump({"task": task.name, **local, **changes}, allow_unicode=True, sort_keys=False)
        (folder / f"{task.name}.yaml").write_text(text, encoding="utf-8")
    return tasks


def _write_items(path: Path, items: Sequence[Item], prompt: Prompt) -> str:
    """Write items with the columns of the Hub's ``Rakuten/JGLUE``, which the packaged tasks read."""
    lines = (json.dumps(_columns(item, prompt), ensure_ascii=False) + "\n" for item in items)
    path.write_text("".join(lines), encoding="utf-8")
    return str(path)


def _columns(item: Item, prompt: Prompt) -> dict[str, Any]:
    question = item.question
    shared = {"question": question.instruction, "prompt": prompt.text(question.instruction, question.input)}
    if item.choices:
        choices = {f"choice{number}": choice for number, choice in enumerate(item.choices)}
        return {**shared, **choices, "label": item.choices.index(item.references[0])}
    return {**shared, "context": item.context, "answers": {"text": list(item.references)}}
