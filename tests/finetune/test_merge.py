"""Merging: one model that answers as base + adapter did, in a folder that appears whole or not at all."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from peft import PeftModel
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, AutoTokenizer

from finetune import adapter, generate, merge, prompts, tiny
from finetune.generate import Question
from tests.finetune.adapters import QUESTION


@pytest.fixture(scope="module")
def merged(adapter_dir, tmp_path_factory) -> Path:
    return merge.merge(adapter_dir, tmp_path_factory.mktemp("merge") / "merged")


def test_greedy_answers_are_the_same_before_and_after(adapter_dir, merged):
    tuned = adapter.load(adapter_dir)
    alone = AutoModelForCausalLM.from_pretrained(merged)
    own_tokenizer = AutoTokenizer.from_pretrained(merged)
    questions = [Question(QUESTION), Question("東京は何の首都ですか。")]
    before = generate.generate(tuned.model, tuned.prompt, questions, max_new_tokens=24)
    with tuned.model.disable_adapter():
        untuned = generate.generate(tuned.model, tuned.prompt, questions, max_new_tokens=24)
    prompt = prompts.Prompt("alpaca", own_tokenizer)
    assert generate.generate(alone, prompt, questions, max_new_tokens=24) == before
    assert all(one != other for one, other in zip(before, untuned, strict=True))


def test_logits_are_the_same_to_float_error(adapter_dir, base_dir, merged):
    ids = torch.tensor([[1, 300, 301, 302]])
    tuned = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base_dir), adapter_dir)
    torch.testing.assert_close(
        AutoModelForCausalLM.from_pretrained(merged)(ids).logits, tuned(ids).logits, atol=1e-5, rtol=1e-5
    )


def test_merged_model_is_plain_and_keeps_the_base_s_type(merged, base_dir):
    config = json.loads((merged / "config.json").read_text())
    assert config["architectures"] == ["LlamaForCausalLM"]
    assert not (merged / "adapter_config.json").exists()
    base, after = (load_file(path / "model.safetensors") for path in (base_dir, merged))
    assert {name: weight.dtype for name, weight in after.items()} == {name: w.dtype for name, w in base.items()}
    changed = {name.split(".")[-2] for name in base if not base[name].equal(after[name])}
    assert changed == {"q_proj", "v_proj"}


def test_command(adapter_dir, tmp_path, capsys):
    assert merge.main([str(adapter_dir), "--out", str(tmp_path / "merged")]) == 0
    assert capsys.readouterr().out == f"wrote the merged model to {tmp_path / 'merged'}\n"
    assert (tmp_path / "merged" / "model.safetensors").is_file()


def test_base_that_moved_is_given_by_hand(adapter_dir, base_dir, tmp_path, capsys):
    elsewhere = shutil.copytree(adapter_dir, tmp_path / "adapter")
    settings = json.loads((elsewhere / "adapter_config.json").read_text())
    settings["base_model_name_or_path"] = str(tmp_path / "gone")
    (elsewhere / "adapter_config.json").write_text(json.dumps(settings))
    command = [str(elsewhere), "--out", str(tmp_path / "merged")]
    assert merge.main(command) == 1
    message = capsys.readouterr().err
    assert message.startswith(f"error: the base of the adapter {elsewhere} cannot be used: ")
    assert str(tmp_path / "gone") in message
    assert message.endswith("\nNext step: say with --base where the base model is.\n")
    assert merge.main([*command, "--base", str(base_dir)]) == 0


def test_folder_without_an_adapter(tmp_path, capsys):
    assert merge.main([str(tmp_path), "--out", str(tmp_path / "merged")]) == 1
    assert capsys.readouterr().err == (
        f"error: {tmp_path} is not an adapter folder: adapter_config.json and adapter_model.safetensors missing\n"
        "Next step: give the output folder of python -m finetune.train, after the training has ended.\n"
    )


def test_adapter_of_another_model(adapter_dir, tmp_path, capsys):
    wider = tiny.make(["猫が好きです。"] * 3, tmp_path / "wider", vocab_size=400, hidden_size=96)
    assert merge.main([str(adapter_dir), "--out", str(tmp_path / "merged"), "--base", str(wider)]) == 1
    assert capsys.readouterr().err.endswith(
        f"error: the adapter {adapter_dir} does not fit the base model {wider}: "
        "it was trained on a model of another shape\nNext step: say with --base where that model is.\n"
    )


def test_weights_that_are_not_numbers_are_refused_and_leave_nothing(adapter_dir, tmp_path, capsys):
    broken = shutil.copytree(adapter_dir, tmp_path / "adapter")
    weights = load_file(broken / "adapter_model.safetensors")
    next(iter(weights.values())).fill_(float("nan"))
    save_file(weights, broken / "adapter_model.safetensors")
    assert merge.main([str(broken), "--out", str(tmp_path / "merged")]) == 1
    message = capsys.readouterr().err
    assert f"error: the adapter {broken} cannot be merged: NaNs detected in the merged weights." in message
    assert message.endswith("\nNext step: train it anew, or go on from an earlier checkpoint.\n")
    assert [path.name for path in tmp_path.iterdir()] == ["adapter"]


def refusal(folder: Path, base: Path, out: Path, capsys) -> str:
    """What merge says of a damaged adapter."""
    assert merge.main([str(folder), "--out", str(out), "--base", str(base)]) == 1
    assert not out.exists()
    message = capsys.readouterr().err
    assert f"error: the adapter {folder} " in message and "\nNext step: " in message
    return message


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda tensors: dict(sorted(tensors.items())[1:]), "lacks 1 of 8 tensors: base_model.model.model.layers.0."),
        (lambda tensors: {}, "lacks 8 of 8 tensors: "),
        (lambda tensors: tensors | {"other.weight": torch.zeros(2)}, "has besides 1 of 8 tensors: other.weight\n"),
    ],
)
def test_an_adapter_with_other_tensors_is_not_merged(adapter_dir, base_dir, tmp_path, capsys, change, reason):
    broken = shutil.copytree(adapter_dir, tmp_path / "adapter")
    weights = broken / "adapter_model.safetensors"
    save_file(change(load_file(weights)), weights)
    assert reason in refusal(broken, base_dir, tmp_path / "merged", capsys)


@pytest.mark.parametrize("change", [lambda content: content[:-100], lambda _: b"PK\x03\x04 a pickle", lambda _: b""])
def test_weights_that_are_no_safetensors(adapter_dir, base_dir, tmp_path, capsys, change):
    broken = shutil.copytree(adapter_dir, tmp_path / "adapter")
    weights = broken / "adapter_model.safetensors"
    weights.write_bytes(change(weights.read_bytes()))
    assert " is damaged: " in refusal(broken, base_dir, tmp_path / "merged", capsys)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda settings: json.dumps(settings)[:50], "adapter_config.json cannot be read: "),
        (lambda settings: "[1]", "adapter_config.json cannot be read: "),
        (lambda settings: json.dumps(settings | {"base_model_name_or_path": 5}), "adapter_config.json names no base"),
        (lambda settings: json.dumps(settings | {"r": "four"}), "is damaged: "),
        (lambda settings: json.dumps(settings | {"peft_type": "MAGIC"}), "is damaged: "),
    ],
)
def test_a_damaged_config_of_an_adapter(adapter_dir, base_dir, tmp_path, capsys, change, reason):
    broken = shutil.copytree(adapter_dir, tmp_path / "adapter")
    path = broken / "adapter_config.json"
    path.write_text(change(json.loads(path.read_text())))
    assert reason in refusal(broken, base_dir, tmp_path / "merged", capsys)


def test_output_in_use_is_not_touched(adapter_dir, tmp_path, capsys):
    (tmp_path / "mine").write_text("keep")
    assert merge.main([str(adapter_dir), "--out", str(tmp_path)]) == 1
    assert capsys.readouterr().err == (
        f"error: {tmp_path} exists already\nNext step: remove it, or give another --out.\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_no_room_for_the_model_leaves_nothing(adapter_dir, tmp_path):
    """A limit on the size of a file stands for a full disk: the write fails in the same place."""
    limited = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)); "
        "from finetune import merge; sys.exit(merge.main())"
    )
    command = [sys.executable, "-c", limited, str(adapter_dir), "--out", str(tmp_path / "merged")]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 1
    assert f"error: {tmp_path / 'merged'} cannot be written: " in run.stderr and "File too large" in run.stderr
    assert run.stderr.endswith("\nNext step: make room there for the whole model, then give the command again.\n")
    assert list(tmp_path.iterdir()) == []
