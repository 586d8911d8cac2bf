"""How likely a model finds given responses."""

from __future__ import annotations

import os.path
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import torch
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
        found[places] = _batch(model, [_labelled(records[place]) for place in places], pad)
    return found


def of_choices(
    model: PreTrainedModel, rows: Dataset, *, choices: int, pad: int, batch_size: int
) -> NDArray[np.float64]:
    """Measure what ``nats`` does where several responses answer one question, which the model then reads once.

    Args:
        model: In evaluation mode.
        rows: What ``data.tokenise`` gives; the responses to a question follow each other.
        choices: Responses to each question.
        pad: The token that fills a row up.
        batch_size: Rows at once; at least those of one question.

    Returns:
        For each question the nats of its responses with EOS, of shape (questions, ``choices``).
    """
    records = rows.to_list()
    questions = [records[start : start + choices] for start in range(0, len(records), choices)]
    found = np.zeros((len(questions), choices))
    order = sorted(range(len(questions)), key=lambda place: len(questions[place][0]["input_ids"]))
    at_once = max(1, batch_size // choices)
    for start in range(0, len(order), at_once):
        places = order[start : start + at_once]
        found[places] = _questions(model, [questions[place] for place in places], pad)
    return found


@dataclass(frozen=True)
class _Read:
    """What a model has read of some rows: its cache, and which places of it are no padding."""

    cache: Any
    mask: torch.Tensor


def _questions(
    model: PreTrainedModel, questions: Sequence[Sequence[Mapping[str, Any]]], pad: int
) -> NDArray[np.float64]:
    begins = [_shared(question) for question in questions]
    read = _read(model, [rows[0]["input_ids"][:end] for rows, end in zip(questions, begins, strict=True)], pad)
    choices = len(questions[0])
    read.cache.batch_repeat_interleave(choices)
    repeated = _Read(read.cache, read.mask.repeat_interleave(choices, 0))
    rests = [_labelled(row, begin) for rows, begin in zip(questions, begins, strict=True) for row in rows]
    nats: NDArray[np.float64] = _batch(model, rests, pad, repeated)[:, 0].reshape(-1, choices)
    return nats


def _shared(question: Sequence[Mapping[str, Any]]) -> int:
    """Tokens that all rows of a question begin with, but for the prompt's last, which predicts the response's first."""
    common = os.path.commonprefix([row["input_ids"] for row in question])
    return int(min(len(common), *(row["prompt"] - 1 for row in question)))


def _read(model: PreTrainedModel, texts: Sequence[Sequence[int]], pad: int) -> _Read:
    """Let the model read texts that go on."""
    import torch

    from finetune import packing

    ids, mask = (tensor.to(model.device) for tensor in packing.pad_left(texts, pad))
    untyped: Any = model
    with torch.inference_mode():
        places = (mask.cumsum(1) - 1).clamp(min=0)
        read = untyped(input_ids=ids, attention_mask=mask, position_ids=places, use_cache=True, logits_to_keep=1)
    return _Read(read.past_key_values, mask)


def _labelled(record: Mapping[str, Any], begin: int = 0) -> dict[str, list[int]]:
    """A row from the token ``begin`` on, with labels for its response."""
    from finetune.data import response_labels

    return {"input_ids": record["input_ids"][begin:], "labels": response_labels(record)[begin:]}


def _batch(
    model: PreTrainedModel, rows: Sequence[Mapping[str, list[int]]], pad: int, read: _Read | None = None
) -> NDArray[np.float64]:
    """The nats and the number of the labelled tokens of each row, which goes on from what was read of it."""
    import torch
    from torch.nn import functional

    from finetune import packing
    from finetune.data import IGNORED

    padded = packing.pad_to(rows, max(len(row["input_ids"]) for row in rows), pad)
    batch: dict[str, Any] = {name: tensor.to(model.device) for name, tensor in padded.items()}
    labels = packing.next_labels(batch.pop("labels"))
    scored = labels != IGNORED  # of most rows a few tokens: the others need no logits
    if read:
        mask = torch.cat([read.mask, batch["attention_mask"]], 1)
        places = mask.cumsum(1)[:, read.mask.shape[1] :] - 1
        batch |= {"attention_mask": mask, "position_ids": places, "past_key_values": read.cache}
    untyped: Any = model
    with torch.inference_mode():
        logits = untyped(**batch, logits_to_keep=scored).logits.float()
        losses = torch.zeros(labels.shape, dtype=torch.float64, device=labels.device)
        losses[scored] = functional.cross_entropy(logits, labels[scored], reduction="none").double()
    sums: NDArray[np.float64] = torch.stack([losses.sum(1), scored.double().sum(1)], dim=1).cpu().numpy()
    return sums
