"""Attention of packed records, one record at a time: ``model.attention: sdpa_varlen``.

All records of a micro-batch lie in one row without padding, as the flash-attention kernels want them, and PyTorch's own
attention is called for each. A mask over whole rows would compute every pair of tokens, most of which belong to two
records and are thrown away. Flash-attention does the same in one kernel, on a GPU only.
"""

from __future__ import annotations

from typing import Any

import torch
from transformers import AttentionInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward

NAME = "sdpa_varlen"


def by_record(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: None,
    *,
    cu_seq_lens_q: torch.Tensor,
    sliding_window: int | None = None,
    **options: Any,
) -> tuple[torch.Tensor, None]:
    """Let the tokens of each record attend to those before them in it.

    Args:
        module: The attention layer.
        query: Of shape (1, heads, tokens, size); ``key`` and ``value`` too, with the heads that they have.
        key: See ``query``.
        value: See ``query``.
        attention_mask: Nothing: transformers makes none for an attention it does not know.
        cu_seq_lens_q: Where the records begin, and the end.
        sliding_window: How far a layer looks back, if not to the beginning.
        options: What transformers' attentions take besides, such as the scaling.
    """
    lengths = cu_seq_lens_q.diff().tolist()
    # On a CPU the kernel for bfloat16 takes longer than the one for float32, most of all backwards.
    exact: list[Any] = [part.float() if part.is_cpu else part for part in (query, key, value)]
    split = [part.split(lengths, dim=2) for part in exact]
    masks = [_window(length, sliding_window, query.device) for length in lengths]
    parts = zip(*split, masks, strict=True)
    found = [sdpa_attention_forward(module, *part, **options)[0] for part in parts]
    return torch.cat(found, dim=1).to(query.dtype), None


def _window(length: int, sliding_window: int | None, device: torch.device) -> torch.Tensor | None:
    """The mask of a record that is longer than its layer looks back; nothing stands for all that came before."""
    if sliding_window is None or length <= sliding_window:
        return None
    return torch.ones(1, 1, length, length, dtype=torch.bool, device=device).tril().triu(1 - sliding_window)


def register() -> None:
    """Make ``by_record`` known to transformers under its name."""
    AttentionInterface.register(NAME, by_record)
