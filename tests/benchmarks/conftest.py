"""A small dataset in two editions, and the small model of the tests of finetune/."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.finetune.adapters import computed  # noqa: F401  (a fixture)
from tests.finetune.conftest import base, dataset, dataset_cache, environment, jsonl, records, tokenizer  # noqa: F401  (fixtures)

Record = dict[str, Any]


def translations(count: int) -> list[Record]:
    """Invented translations, each pair in both directions."""
    made = []
    for number in range(count // 2):
        japanese, english = (
            f"駅から{number}番目の店で昼食を食べました。",
            f"We had lunch at shop {number} from the station.",
        )
        for task, texts in (("ja-en", (japanese, english)), ("en-ja", (english, japanese))):
            made.append(
                {
                    "instruction": "翻訳してください。",
                    "input": texts[0],
                    "output": texts[1],
                    "id": f"pairs:{task}:{number}",
                }
                | {"source": "pairs", "task": task, "license": "CC0-1.0"}
            )
    return made


@pytest.fixture(scope="session")
def editions(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Writes a dataset whose configs hold the given records, as a built dataset does."""

    def write(**configs: Sequence[Record]) -> Path:
        folder = tmp_path_factory.mktemp("editions")
        head = [{"config_name": name, "data_files": [{"split": "train", "path": f"{name}.jsonl"}]} for name in configs]
        (folder / "README.md").write_text(f"---\n{yaml.safe_dump({'configs': head})}---\n", encoding="utf-8")
        for name, rows in configs.items():
            lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
            (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")
        return folder

    return write
