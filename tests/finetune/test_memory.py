"""The estimate follows the tensors that autograd really keeps, and refuses what cannot fit."""

from __future__ import annotations

import pytest
import torch
from transformers import Gemma3Config, LlamaConfig, LlamaForCausalLM

from finetune import config, memory, models
from finetune.errors import ModelError
from tests.finetune.test_models import LLAMA_13B

GIB = 2**30
TOKENS = 256


def kept_bytes(layers: int, dtype: torch.dtype, checkpointing: bool) -> tuple[int, LlamaConfig]:
    """Bytes of the tensors kept for the backward pass of one packed row, without the weights; counted by autograd."""
    shapes = LlamaConfig(
        vocab_size=500, hidden_size=512, intermediate_size=1376, num_hidden_layers=layers, num_attention_heads=8
    )
    model = models.add_lora(LlamaForCausalLM(shapes).to(dtype), config.Lora()).train()
    if checkpointing:
        model.gradient_checkpointing_enable({"use_reentrant": False})
    weights = {parameter.untyped_storage().data_ptr() for parameter in model.parameters()}
    kept = {}

    def remember(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            kept[storage.data_ptr()] = (storage.nbytes(), tensor)  # held, so that its place is not used again
        return tensor

    ids = torch.randint(0, 500, (1, TOKENS))
    positions = torch.arange(TOKENS // 2).repeat(2)[None]
    with torch.autograd.graph.saved_tensors_hooks(remember, lambda tensor: tensor):
        model(input_ids=ids, labels=ids, position_ids=positions, use_cache=False)
    return sum(size for size, _ in kept.values()), shapes


@pytest.mark.parametrize("dtype", ["bfloat16", "float32"])
@pytest.mark.parametrize("checkpointing", [False, True])
def test_activations_of_a_layer_as_autograd_counts_them(dtype, checkpointing):
    kind = getattr(torch, dtype)
    few, shapes = kept_bytes(2, kind, checkpointing)
    many, more_shapes = kept_bytes(6, kind, checkpointing)
    model = config.Model(base="x", dtype=dtype, gradient_checkpointing=checkpointing)
    low, high = (
        memory.estimate(each, model, config.Lora(), tokens=TOKENS, processes=1).activations
        for each in (shapes, more_shapes)
    )
    assert high - low == pytest.approx(many - few, rel=0.1)


def estimate(**changes) -> memory.Estimate:
    model = config.Model(base="x", **changes)
    return memory.estimate(LLAMA_13B, model, config.Lora(), tokens=24 * 256, processes=2)


def test_llama_13b_in_parts():
    bf16, fp32, nf4 = estimate(), estimate(dtype="float32"), estimate(quantize="nf4")
    assert bf16.weights == 13_015_864_320 * 2
    assert fp32.weights == 2 * bf16.weights
    assert 6.5 * GIB < nf4.weights < 7 * GIB  # QLoRA's paper: 13B in 4 bits
    assert bf16.adapter == 3_276_800 * (8 + 6)
    assert estimate(gradient_checkpointing=True).activations < bf16.activations / 10


def test_a_model_that_sees_pictures_too_is_measured_by_the_part_that_writes():
    """Gemma 3 from 4B on: its sizes stand one level below."""
    text = {"hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2, "head_dim": 16, "vocab_size": 300}
    seeing = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 1, "num_attention_heads": 2}
    shapes = Gemma3Config(
        text_config=text | {"num_attention_heads": 4, "num_key_value_heads": 2},
        vision_config=seeing | {"image_size": 28, "patch_size": 14},
    )
    for quantize in ("none", "nf4"):
        model = config.Model(base="x", dtype="float32", quantize=quantize)
        found = memory.estimate(shapes, model, config.Lora(), tokens=10, processes=1)
        assert found.activations == 10 * 2 * (40 * 64 + 12 * 96)
        assert found.logits == 10 * 16 * 300
        assert found.weights > 300 * 64 * 4


def test_zero_3_shares_the_base_out():
    model = config.Model(base="x")
    whole, shared = (
        memory.estimate(LLAMA_13B, model, config.Lora(), tokens=256, processes=4, zero_stage=stage) for stage in (2, 3)
    )
    assert shared.weights == whole.weights // 4
    assert (shared.activations, shared.adapter) == (whole.activations, whole.adapter)


def test_more_rows_need_more_of_what_a_token_keeps_and_no_more_weights():
    one, many = (
        memory.estimate(LLAMA_13B, config.Model(base="x"), config.Lora(), tokens=rows * 256, processes=2)
        for rows in (1, 24)
    )
    assert one.times(24) == many


def test_the_recipe_with_checkpointing_fits_a_gpu_of_40_gb_and_without_it_does_not():
    small = estimate(gradient_checkpointing=True)
    memory.check(small, config.Model(base="x", gradient_checkpointing=True), available=39 * GIB, place="GPU 0")
    with pytest.raises(ModelError):
        memory.check(estimate(), config.Model(base="x"), available=39 * GIB, place="GPU 0")


def test_too_small_a_gpu_is_told_what_would_help():
    with pytest.raises(ModelError) as error:
        memory.check(estimate(), config.Model(base="x"), available=24 * GIB, place="GPU 0 (a small one)")
    assert str(error.value) == (
        "training needs about 83.3 GiB a process: base 24.2 GiB, activations 56.5 GiB, logits 2.6 GiB, "
        "adapter 43.8 MiB; GPU 0 (a small one) has 24.0 GiB.\n"
        "Next step: set model.gradient_checkpointing: true, or lower training.per_device_batch, "
        "or set model.quantize: nf4."
    )


def test_a_gpu_too_small_for_the_base_alone_is_told_other_things():
    needed = memory.estimate(LLAMA_13B, config.Model(base="x"), config.Lora(), tokens=256, processes=1)
    with pytest.raises(ModelError, match="Next step: set model.quantize: nf4.$"):
        memory.check(needed, config.Model(base="x"), available=24 * GIB, place="GPU 0")
    four_bits = config.Model(base="x", quantize="nf4", gradient_checkpointing=True)
    needed = memory.estimate(LLAMA_13B, four_bits, config.Lora(), tokens=256, processes=1)
    with pytest.raises(ModelError, match="Next step: take a smaller model or a larger GPU.$"):
        memory.check(needed, four_bits, available=4 * GIB, place="GPU 0")


def test_largest_micro_batch():
    lengths = [80] * 1000
    packed = config.Training(per_device_batch=65)
    assert memory.largest_micro_batch(lengths, packed, 256) == 22  # three records of 81 to a row
    assert memory.largest_micro_batch([1000] * 10, packed, 256) == 65
    assert memory.largest_micro_batch(lengths, config.Training(batching="padded", per_device_batch=65), 256) == 65


def test_memory_of_this_machine():
    size, place = memory.available()
    assert size > 100 * 2**20
    assert place.startswith("GPU") or place == "its share of this machine"
