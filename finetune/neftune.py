"""NEFTune (arXiv:2310.05914): noise on the embeddings while a model trains.

The noise of a record is uniform between plus and minus ``alpha / sqrt(length x width)``. transformers has it too, and
takes the length of the row: where records are packed, that is the row's width, or all tokens of a micro-batch, and the
noise would be some times weaker, by how many records happen to stand beside each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from finetune.packing import record_lengths


class Noise:
    """Adds noise to what an embedding gives, as long as that trains."""

    def __init__(self, embedding: torch.nn.Module, alpha: float) -> None:
        """Put it on ``embedding``; ``alpha`` is its strength."""
        self.alpha = alpha
        self.lengths: torch.Tensor | None = None
        embedding.register_forward_hook(self._add)

    def expect(self, batch: Mapping[str, Any]) -> None:
        """Take note of the records in ``batch``, which the model is given next."""
        self.lengths = record_lengths(batch)

    def _add(self, embedding: torch.nn.Module, _: Any, embedded: torch.Tensor) -> torch.Tensor:
        if not embedding.training:
            return embedded
        assert self.lengths is not None
        largest = self.alpha / (self.lengths * embedded.shape[-1]).sqrt()
        return embedded + torch.empty_like(embedded).uniform_(-1, 1) * largest[..., None].to(embedded)
