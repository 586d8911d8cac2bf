"""A base model is known again in another form, and told from another model of its shape."""

from __future__ import annotations

import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM

from finetune import fingerprints


def test_a_copy_in_several_files_or_in_another_type_is_the_same_base(base, tmp_path):
    expected = fingerprints.fingerprint(str(base))
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    model.save_pretrained(tmp_path / "parts", max_shard_size="100KB")
    assert len(list((tmp_path / "parts").glob("*.safetensors"))) > 1
    rounded = model.to(torch.bfloat16)
    rounded.save_pretrained(tmp_path / "rounded")
    assert expected and fingerprints.fingerprint(str(tmp_path / "parts")) == expected
    assert fingerprints.fingerprint(str(tmp_path / "rounded")) == expected


@pytest.mark.parametrize("part", ["embed_tokens", "layers.0.mlp.down_proj", "model.norm"])
def test_one_changed_tensor_makes_another_base(base, tmp_path, part):
    other = shutil.copytree(base, tmp_path / "other")
    weights = load_file(other / "model.safetensors")
    name = next(name for name in weights if part in name)
    save_file(weights | {name: weights[name] * 1.02}, other / "model.safetensors")
    assert fingerprints.fingerprint(str(other)) != fingerprints.fingerprint(str(base))


def test_what_has_no_weights_in_safetensors_has_no_fingerprint(tmp_path):
    assert fingerprints.fingerprint(str(tmp_path)) is None
    assert fingerprints.fingerprint("nobody/nothing") is None
