"""How much memory a training process needs, before any weight is loaded.

Counted from the model's shapes alone (a model on PyTorch's meta device). With LoRA the frozen base needs neither
gradients nor optimiser state, so four parts matter: the base's weights, the activations kept for the backward pass, the
logits, and a little for the adapter.
"""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoModelForCausalLM, PreTrainedConfig

from finetune import config, models, packing
from finetune.errors import ModelError

GIB = 2**30
NF4_BYTES = 0.516
"""Bytes a weight in 4 bits, with its share of the quantised scales (arXiv:2305.14314, section 3: 4.127 bits)."""
KEPT = {"bfloat16": (32, 6), "float32": (40, 12)}
"""Bytes a token and layer keeps for the backward pass, for each unit of the hidden and of the inner size.

Counted from the tensors that autograd saves in a LLaMA with LoRA on q and v; its test counts them again.
"""
LOGITS = {"bfloat16": 14, "float32": 16}
"""Bytes a token and vocabulary entry: the logits, their float32 copy, the log-softmax and its gradient."""
CONTEXT = 1 * GIB
"""CUDA's own share of a GPU, and what the allocator loses to fragments."""
DRAWN = 200


@dataclass(frozen=True)
class Estimate:
    """Bytes that one process needs at its peak."""

    weights: int
    activations: int
    logits: int
    adapter: int
    """With its gradients and the optimiser's state."""

    @property
    def total(self) -> int:
        """All parts together."""
        return self.weights + self.activations + self.logits + self.adapter

    def times(self, micro_batches: int) -> Estimate:
        """Estimate a micro-batch that is so many times larger."""
        return replace(self, activations=self.activations * micro_batches, logits=self.logits * micro_batches)

    def __str__(self) -> str:
        parts = f"base {_size(self.weights)}, activations {_size(self.activations)}, logits {_size(self.logits)}"
        return f"{_size(self.total)} a process: {parts}, adapter {_size(self.adapter)}"


def skeleton(shapes: PreTrainedConfig, lora: config.Lora) -> torch.nn.Module:
    """Make the model of ``shapes`` with its adapter, without memory (on PyTorch's meta device)."""
    untyped: Any = AutoModelForCausalLM
    with torch.device("meta"):
        try:
            bare = untyped.from_config(shapes)
        except Exception as error:  # sizes that make no model, or a kind of model that writes no text
            raise ModelError(
                f"config.json of {shapes.name_or_path} makes no model: {' '.join(str(error).split())}\n"
                "Next step: correct it, or give the directory of a causal language model."
            ) from error
        return models.add_lora(bare, lora)


def estimate(
    shapes: PreTrainedConfig,
    model: config.Model,
    lora: config.Lora,
    *,
    tokens: int,
    processes: int,
    zero_stage: int = 2,
) -> Estimate:
    """Estimate what a micro-batch needs in each process.

    Args:
        shapes: The base model's config.
        model: How the base lies in memory.
        lora: The adapter.
        tokens: Tokens of the micro-batch, padding included.
        processes: Processes that share the optimiser's state.
        zero_stage: DeepSpeed's; with 3 they share the base's weights too.
    """
    bare = skeleton(shapes, lora)
    text = shapes.get_text_config()  # of a model that sees pictures too, the part that reads and writes
    trained = models.trainable_parameters(bare)
    frozen = sum(parameter.numel() for parameter in bare.parameters()) - trained
    wide = 2 if model.dtype == "bfloat16" else 4
    weights = frozen * wide
    if model.quantize == "nf4":
        embeddings = (1 if text.tie_word_embeddings else 2) * text.vocab_size * text.hidden_size
        weights = embeddings * wide + int((frozen - embeddings) * NF4_BYTES)
    if zero_stage == 3:
        weights //= processes
    per_hidden, per_inner = KEPT[model.dtype]
    layer = per_hidden * text.hidden_size + per_inner * text.intermediate_size
    if model.gradient_checkpointing:  # each layer keeps its input, and one layer at a time is computed again
        kept = text.num_hidden_layers * text.hidden_size * wide + layer
    else:
        kept = text.num_hidden_layers * layer
    return Estimate(
        weights=weights,
        activations=tokens * kept,
        logits=tokens * LOGITS[model.dtype] * text.vocab_size,
        adapter=trained * (4 + 4) + trained * 12 // processes,  # weights and gradients; AdamW's share of ZeRO-2
    )


def largest_micro_batch(lengths: Sequence[int] | NDArray[np.int32], training: config.Training, max_tokens: int) -> int:
    """Count the rows of ``max_tokens`` of the largest of 200 micro-batches drawn at random.

    Args:
        lengths: Tokens of each record, without EOS.
        training: How records are batched.
        max_tokens: Where records are cut.
    """
    records = training.per_device_batch
    if training.batching != "packed":  # at most a row each
        return records
    draw = random.Random(training.seed)
    kept = [min(length + 1, max_tokens) for length in draw.choices(lengths, k=DRAWN * records)]
    rows = (packing.best_fit_decreasing(kept[n : n + records], max_tokens) for n in range(0, len(kept), records))
    return max(map(len, rows))


def check(needed: Estimate, model: config.Model, *, available: int, place: str) -> None:
    """Check that ``needed`` fits the ``available`` bytes of ``place``.

    Raises:
        ModelError: It does not; the message says what would help.
    """
    if needed.total <= available:
        return
    ways = []
    if not model.gradient_checkpointing and needed.activations > needed.weights / 4:
        ways.append("set model.gradient_checkpointing: true")
    if needed.activations + needed.logits > needed.weights / 4:
        ways.append("lower training.per_device_batch")
    if model.quantize == "none":
        ways.append("set model.quantize: nf4")
    if model.dtype == "float32":
        ways.append("set model.dtype: bfloat16")
    raise ModelError(
        f"training needs about {needed}; {place} has {_size(available)}.\n"
        f"Next step: {', or '.join(ways) or 'take a smaller model or a larger GPU'}."
    )


def available() -> tuple[int, str]:
    """Find the memory that this process can use.

    Returns:
        Bytes, and where they are: this process's GPU, or its share of the machine's memory.
    """
    processes = int(os.environ.get("LOCAL_WORLD_SIZE", 1))
    if not torch.cuda.is_available():
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // processes, "its share of this machine"
    gpu = int(os.environ.get("LOCAL_RANK", 0))
    _, total = torch.cuda.mem_get_info(gpu)
    return total - CONTEXT, f"GPU {gpu} ({torch.cuda.get_device_name(gpu)})"


def _size(size: int) -> str:
    return f"{size / GIB:.1f} GiB" if size >= GIB / 10 else f"{size / 2**20:.1f} MiB"
