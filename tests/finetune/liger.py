"""What Liger's kernels make of a model, without a GPU: the same sums, with logits and labels handled as its forwards do."""

from __future__ import annotations

from types import MethodType
from typing import Any

import torch
from torch.nn import functional
from transformers.modeling_outputs import CausalLMOutputWithPast
from transformers.trainer_utils import unwrap_peft_model


def apply(model: Any, kernel_config: Any = None) -> None:
    """Stands for transformers' ``apply_liger_kernel``."""
    base = unwrap_peft_model(model)
    base.forward = MethodType(_forward, base)


def _forward(self, input_ids, labels=None, logits_to_keep=0, shift_labels=None, num_items_in_batch=None, **others):
    hidden = self.model(input_ids=input_ids, **others).last_hidden_state
    kept = slice(-logits_to_keep, None) if isinstance(logits_to_keep, int) else logits_to_keep
    hidden = hidden[:, kept, :]
    if not self.training or (labels is None and shift_labels is None):
        return CausalLMOutputWithPast(logits=self.lm_head(hidden))
    if shift_labels is None:
        shift_labels = functional.pad(labels, (0, 1), value=-100)[:, 1:]
    scores, expected = self.lm_head(hidden).flatten(0, 1), shift_labels.flatten()
    total = functional.cross_entropy(scores.to(torch.float32), expected, ignore_index=-100, reduction="sum")
    return CausalLMOutputWithPast(loss=total / num_items_in_batch)
