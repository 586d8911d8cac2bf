"""The stage of ZeRO is read from DeepSpeed's own file, or the file is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from finetune import config, zero

CONFIGS = Path(config.__file__).parent / "configs"


@pytest.mark.parametrize(("name", "stage"), [("zero2.json", 2), ("zero3.json", 3)])
def test_shipped_files(name, stage):
    assert zero.problem(CONFIGS / name) is None
    assert zero.stage(CONFIGS / name) == stage


def test_a_file_that_asks_for_no_stage(tmp_path):
    (tmp_path / "plain.json").write_text("{}")
    assert zero.stage(tmp_path / "plain.json") == 0


@pytest.mark.parametrize("text", ["[]", '{"zero_optimization": 3}', '{"zero_optimization": {"stage": "two"}}', "{"])
def test_a_file_of_another_kind(tmp_path, text):
    (tmp_path / "odd.json").write_text(text)
    assert str(zero.problem(tmp_path / "odd.json")).startswith(f"{tmp_path / 'odd.json'} cannot be read: ")
