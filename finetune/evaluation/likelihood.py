"""How likely a model finds given responses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from datasets import Dataset
    from numpy.typing import NDArray
    from transformers import PreTrainedModel


def nats(model: PreTrainedModel, rows: Dataset, *, pad: int, batch_size: int) -> NDArray[np.float64]:
    """Measure the negative log-likelihood of each response.

    Args:
        model: In evaluation mode.
        rows: What ``data.tokenise`` gives: the columns ``input_ids`` and ``prompt``.
        pad: The token that fills a row up.
        batch_size: Rows at once; rows of similar lengths share a batch.

    Returns:
        For each row the nats of its response with EOS, and the response's tokens.
    """
    records = rows.to_list()
    found = np.zeros((len(records), 2))
    order = sorted(range(len(records)), key=lambda place: len(records[place]["input_ids"]))
    for start in range(0, len(order), batch_size):
        places = order[start : start + batch_size]
        found[places] = _batch(model, [records[place] for place in places], pad)
    return found


def _batch(model: PreTrainedModel, records: Sequence[Mapping[str, Any]], pad: int) -> NDArray[np.float64]:
    import torch
    from torch.nn import functional

    from finetune import packing
    from finetune.data import IGNORED, response_labels

    labelled = [{"input_ids": record["input_ids"], "labels": response_labels(record)} for record in records]
    batch = packing.pad_to(labelled, max(len(record["input_ids"]) for record in records), pad)
    moved = {name: tensor.to(model.device) for name, tensor in batch.items()}
    labels = packing.next_labels(moved.pop("labels"))
    scored = labels != IGNORED  # of most rows a few tokens: the others need no logits
    untyped: Any = model
    with torch.inference_mode():
        logits = untyped(**moved, logits_to_keep=scored).logits.float()
        losses = torch.zeros(labels.shape, dtype=torch.float64, device=labels.device)
        losses[scored] = functional.cross_entropy(logits, labels[scored], reduction="none").double()
    sums: NDArray[np.float64] = torch.stack([losses.sum(1), scored.double().sum(1)], dim=1).cpu().numpy()
    return sums
