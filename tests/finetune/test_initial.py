"""Adapters that start from the base's weights train, go on after a stop, and end as plain LoRA for the untouched base."""

from __future__ import annotations

import json
from functools import partial

import pytest
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

from finetune import config, data, initial, models
from finetune.errors import CheckpointError
from tests.finetune.test_train import ADAPTER, here, stop, two_processes, write_config


@pytest.fixture
def write(base, dataset, tmp_path):
    """``write_config`` into this test's own folder."""
    return partial(write_config, tmp_path, base, dataset)


def nats_a_token(base, adapter, held_out) -> float:
    """The validation loss of the base as it lies on the disk, with plain PEFT's adapter if there is one."""
    model = AutoModelForCausalLM.from_pretrained(base)
    model = (PeftModel.from_pretrained(model, adapter) if adapter else model).eval()
    nats, tokens = 0.0, 0
    with torch.inference_mode():
        for row in held_out:
            ids = torch.tensor(row["input_ids"])
            nats += torch.nn.functional.cross_entropy(model(ids[None]).logits[0, :-1], ids[1:], reduction="sum").item()
            tokens += len(ids) - 1
    return nats / tokens


@pytest.mark.parametrize(
    ("lora", "deepspeed"), [({"init": "pissa"}, "zero2.json"), ({"init": "olora", "rslora": True}, None)]
)
def test_plain_peft_on_the_untouched_base_is_the_model_that_was_trained(
    write, base, dataset, tokenizer, tmp_path, lora, deepspeed
):
    report = here(write("start", lora=lora, training={"deepspeed": deepspeed, "learning_rate": 1e-3}))
    output = tmp_path / "start"
    held_out = data.prepare(config.Data(dataset=dataset, validation=20), tokenizer).validation
    assert report["eval_loss"] == pytest.approx(nats_a_token(base, output, held_out), rel=1e-5)
    assert abs(report["eval_loss"] - nats_a_token(base, None, held_out)) > 1e-3  # it has learnt something
    saved = json.loads((output / "adapter_config.json").read_text())
    assert (saved["r"], saved["init_lora_weights"]) == (8, True)
    assert report["parameters"]["trainable"] == 2 * 2 * 4 * (64 + 64)


def test_a_run_that_was_stopped_ends_in_the_same_bytes(write, tmp_path):
    """With two processes, the second of which reads what the first has computed."""
    path = write("start", lora={"init": "pissa"}, training={"deepspeed": "zero2.json", "processes": 2})
    assert two_processes(path).returncode == 0
    output = tmp_path / "start"
    finished = (output / ADAPTER).read_bytes()
    stop(output)
    done = two_processes(path)
    assert f"going on from {output / 'checkpoint-6'}" in done.stdout, done.stderr
    assert (output / ADAPTER).read_bytes() == finished


@pytest.fixture
def settings(base, tmp_path) -> config.TrainConfig:
    return config.TrainConfig(
        model=config.Model(base=str(base), dtype="bfloat16"),
        lora=config.Lora(init="pissa", dropout=0),
        data=config.Data(dataset="d"),
        output=str(tmp_path / "out"),
    )


def test_the_remainder_is_the_same_when_the_first_weights_are_read_again(settings, base):
    first, again = initial.load(settings), initial.load(settings)
    for (name, weight), other in zip(first.named_parameters(), again.parameters(), strict=True):
        assert weight.dtype == other.dtype and weight.equal(other), name


@pytest.mark.parametrize("init", ["pissa", "olora"])
def test_remainder_and_first_weights_are_the_base(settings, base, init):
    exact = {"model": settings.model.model_copy(update={"dtype": "float32"}), "lora": config.Lora(init=init, dropout=0)}
    model, untouched = initial.load(settings.model_copy(update=exact)), models.load_base(base)
    ids = torch.tensor([[1, 300, 301, 302]])
    with torch.inference_mode():
        torch.testing.assert_close(model(ids).logits, untouched(ids).logits, atol=1e-4, rtol=1e-4)
        with model.disable_adapter():
            assert (model(ids).logits - untouched(ids).logits).abs().max() > 0.01


def test_first_weights_that_are_damaged(settings, tmp_path):
    initial.load(settings)
    weights = tmp_path / "out" / initial.FOLDER / ADAPTER
    weights.write_bytes(weights.read_bytes()[:100])
    with pytest.raises(CheckpointError, match=f"^{weights.parent} is damaged: "):
        initial.load(settings)


def test_other_starts_leave_the_base_as_it_is(settings, base):
    untouched = models.load_base(base, dtype="bfloat16")
    for init in ("default", "gaussian", "orthogonal"):
        model = initial.load(settings.model_copy(update={"lora": config.Lora(init=init, dropout=0)}))
        for name, weight in untouched.named_parameters():
            layer, _, kind = name.rpartition(".")
            found = dict(model.get_base_model().named_parameters())
            assert weight.equal(found.get(name, found.get(f"{layer}.base_layer.{kind}"))), (init, name)
