"""The demo runs from a built sample to a merged model, and does not call a run a success that is none."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import pytest
from huggingface_hub.repocard import metadata_load
from rich.console import Console
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM

from finetune import config, demo
from finetune.errors import DemoError


@pytest.fixture
def console() -> Console:
    return Console(file=io.StringIO(), width=200)


def test_from_the_sample_to_a_merged_model(sample_dataset, tmp_path, capfd):
    assert demo.main(["--data", str(sample_dataset), "--out", str(tmp_path)]) == 0, capfd.readouterr()
    shown = capfd.readouterr().out
    for module in ("tiny", "train", "compare", "merge", "model_card"):
        assert f"-m finetune.{module} " in shown
    run = json.loads((tmp_path / "adapter" / "run.json").read_text())
    assert run["batch"] == {"records": 130, "per_device": 13, "accumulation": 5, "processes": 2}
    assert run["deepspeed"]["zero_optimization"]["stage"] == 2
    assert (tmp_path / "compare.md").read_text(encoding="utf-8").count("\n") == 2 + 5
    assert AutoModelForCausalLM.from_pretrained(tmp_path / "merged").config.hidden_size == 64
    assert metadata_load(tmp_path / "merged" / "README.md")["library_name"] == "transformers"


def test_loss_that_did_not_fall_is_an_error(trained, tmp_path, console):
    folder = shutil.copytree(trained, tmp_path / "adapter")
    run = json.loads((folder / "run.json").read_text())
    run["loss"] = {"first": 4.0, "last": 4.5}
    (folder / "run.json").write_text(json.dumps(run))
    with pytest.raises(DemoError, match="^the loss did not fall: 4.000 at first, 4.500 at last$"):
        demo.check(folder, console)


def test_adapter_that_changes_nothing_is_an_error(trained, tmp_path, console):
    folder = shutil.copytree(trained, tmp_path / "adapter")
    weights = {name: weight.zero_() for name, weight in load_file(folder / "adapter_model.safetensors").items()}
    save_file(weights, folder / "adapter_model.safetensors")
    with pytest.raises(DemoError, match="^the tuned model answers every question as its base does$"):
        demo.check(folder, console)


def test_step_that_fails_ends_the_demo(tmp_path, capsys):
    missing = tmp_path / "missing"
    assert demo.main(["--data", str(missing), "--out", str(tmp_path / "out")]) == 1
    message = capsys.readouterr().err
    assert f"error: there is no dataset {missing}" in message
    assert message.endswith("error: finetune.tiny failed\n")


def test_the_command_it_prints_is_a_valid_config(tmp_path):
    arguments = demo.training_arguments(Path("build/sample"), tmp_path / "base", tmp_path / "out")
    settings = config.load(arguments[1], [value for value in arguments[2:] if value != "--set"])
    assert settings.training.processes == 2
    assert settings.data.dataset == "build/sample"
