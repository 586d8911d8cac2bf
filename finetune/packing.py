"""Micro-batches out of tokenised records: padded to a fixed length, padded to the longest, or packed.

Packing puts several short records into one row of ``max_tokens``. Four things keep them apart, and each fails silently
if it is missing (transformers finds the records of a row by them, ``masking_utils.find_packed_sequence_indices``):

* ``position_ids`` start again at 0 with every record;
* there is no ``attention_mask``: with one, transformers stops looking at the positions;
* ``use_cache`` is false: with a cache, which models make by default, it does not look at them either;
* the label of each record's first token is -100, so that no record is predicted from the one before it.

With ``packed`` the number of *records* in a micro-batch does not change, so a step still takes the recipe's 130; with
``rows`` it is the number of rows that does not, so a step takes as many records as fill its tokens. Some attentions
(``FLAT``) want all records in a single row with the places where they begin, which is transformers' own
``DataCollatorWithFlattening``; such a row has no padding.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional
from transformers import DataCollatorWithFlattening, PreTrainedTokenizerBase

from finetune import varlen
from finetune.batching import Batching
from finetune.data import IGNORED

Record = Mapping[str, list[int]]
"""``input_ids`` and ``labels`` of one record, of the same length."""
Collator = Callable[[Sequence[Any]], dict[str, Any]]
"""Takes records, or for ``rows`` lists of records."""
FLAT = ("flash_attention_2", "flash_attention_3", varlen.NAME)
"""Attentions that want all records of a micro-batch in one row, and where each begins."""
WINDOW = 10_000
"""Records that are put into rows together: enough to leave hardly any room, few enough to be fast."""


def collator(
    batching: Batching,
    tokenizer: PreTrainedTokenizerBase,
    *,
    max_tokens: int = 256,
    attention: str = "sdpa",
) -> Collator:
    """Choose the function that makes a micro-batch out of records.

    Args:
        batching: ``packed`` puts short records side by side, ``dynamic`` pads to the longest, ``padded`` to the limit;
            ``rows`` takes rows of records that were put together before (``epochs.Rows``).
        tokenizer: Says what to pad with.
        max_tokens: Width of a packed or padded row.
        attention: The model's ``attn_implementation``.
    """
    pad = padding_id(tokenizer)
    match batching:
        case "packed" if attention in FLAT:
            untyped: Any = DataCollatorWithFlattening
            flatten = untyped(return_flash_attn_kwargs=True)
            return lambda records: flatten(records) | {"use_cache": False}
        case "packed":
            return lambda records: pack(records, max_tokens, pad)
        case "dynamic":
            return lambda records: pad_to(records, max(len(record["input_ids"]) for record in records), pad)
        case "padded":
            return lambda records: pad_to(records, max_tokens, pad)
        case "rows" if attention in FLAT:
            flat = collator("packed", tokenizer, attention=attention)
            return lambda rows: flat([record for row in rows for record in row])
        case "rows":
            return lambda rows: lay(rows, max_tokens, pad)


def padding_id(tokenizer: PreTrainedTokenizerBase) -> int:
    """Find the token to pad with: the tokenizer's own, else ``<unk>``, else EOS.

    LLaMA has no padding token: its ``<unk>`` (0) stands in, as in the paper's code.
    """
    for name in ("pad_token_id", "unk_token_id"):
        token: int | None = getattr(tokenizer, name)
        if token is not None:
            return token
    return int(tokenizer.eos_token_id)


def pad_to(records: Sequence[Record], width: int, pad: int) -> dict[str, torch.Tensor]:
    """Put each record into a row of its own, padded on the right.

    Returns:
        ``input_ids``, ``labels`` and ``attention_mask``, each of shape (records, ``width``).
    """
    ids = torch.full((len(records), width), pad)
    labels = torch.full((len(records), width), IGNORED)
    mask = torch.zeros((len(records), width), dtype=torch.long)
    for row, record in enumerate(records):
        length = len(record["input_ids"])
        ids[row, :length] = torch.tensor(record["input_ids"])
        labels[row, :length] = torch.tensor(record["labels"])
        mask[row, :length] = 1
    return {"input_ids": ids, "labels": labels, "attention_mask": mask}


def pad_left(texts: Sequence[Sequence[int]], pad: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Put each text into a row of its own, padded on the left, so that all end at the same place and can go on there.

    Returns:
        The tokens and the attention mask, each of shape (texts, longest).
    """
    width = max(map(len, texts))
    ids = torch.tensor([[pad] * (width - len(text)) + list(text) for text in texts])
    mask = torch.tensor([[0] * (width - len(text)) + [1] * len(text) for text in texts])
    return ids, mask


def record_lengths(batch: Mapping[str, torch.Tensor]) -> torch.Tensor:
    """Count the tokens of the record that each position of ``batch``, which a collator has made, belongs to.

    Returns:
        A number for each position, or one for each row that holds a single record.
    """
    if "attention_mask" in batch:
        return batch["attention_mask"].sum(1, keepdim=True)
    record = (batch["position_ids"] == 0).flatten().cumsum(0)  # its number: every record's positions begin at 0
    return record.bincount()[record].view_as(batch["position_ids"])


def next_labels(labels: torch.Tensor) -> torch.Tensor:
    """Give each position of a row the label of the next one, which it predicts; the last position predicts nothing."""
    return functional.pad(labels[:, 1:], (0, 1), value=IGNORED)


def scored_only(batch: Mapping[str, Any]) -> dict[str, Any]:
    """Ask a model for the logits of those positions alone that predict a token with a label.

    The loss is the same. A row of logits is as long as the vocabulary, and with the loss on the response only, four of
    five positions need none (https://github.com/huggingface/transformers, ``slice_logits_to_keep``).

    Args:
        batch: What a collator has made.

    Returns:
        The batch with ``logits_to_keep`` and ``shift_labels``, as causal models of transformers take them.
    """
    labels = next_labels(batch["labels"])
    scored = labels != IGNORED
    return {**batch, "logits_to_keep": scored, "shift_labels": labels[scored]}


def pack(records: Sequence[Record], width: int, pad: int) -> dict[str, torch.Tensor | bool]:
    """Put the records into as few rows as best-fit-decreasing finds, and lay them out."""
    rows = best_fit_decreasing([len(record["input_ids"]) for record in records], width)
    return lay([[records[member] for member in members] for members in rows], width, pad)


def lay(rows: Sequence[Sequence[Record]], width: int, pad: int) -> dict[str, torch.Tensor | bool]:
    """Lay the records of each row side by side.

    What is left of a row is padding with positions of its own, so it attends to itself and nothing attends to it.

    Returns:
        ``input_ids``, ``labels`` and ``position_ids``, each of shape (rows, ``width``); and ``use_cache`` false.
    """
    ids = torch.full((len(rows), width), pad)
    labels = torch.full((len(rows), width), IGNORED)
    positions = torch.empty((len(rows), width), dtype=torch.long)
    for row, members in enumerate(rows):
        start = 0
        for record in members:
            end = start + len(record["input_ids"])
            ids[row, start:end] = torch.tensor(record["input_ids"])
            labels[row, start:end] = torch.tensor(record["labels"])
            labels[row, start] = IGNORED
            positions[row, start:end] = torch.arange(end - start)
            start = end
        positions[row, start:] = torch.arange(width - start)
    return {"input_ids": ids, "labels": labels, "position_ids": positions, "use_cache": False}


def rows_of(lengths: NDArray[np.int32], width: int, seed: int) -> list[list[int]]:
    """Distribute all records of a training over rows of ``width``, as full as ``WINDOW`` records at a time allow.

    Args:
        lengths: Tokens of each record, with EOS.
        width: Tokens of a row.
        seed: Decides which records stand beside each other; the dataset has those of one source together.

    Returns:
        The records' indices, row by row.
    """
    order = np.random.default_rng(seed).permutation(len(lengths))
    windows = (order[start : start + WINDOW] for start in range(0, len(order), WINDOW))
    return [
        window[members].tolist()
        for window in windows
        for members in best_fit_decreasing(lengths[window].tolist(), width)
    ]


def best_fit_decreasing(lengths: Sequence[int], width: int) -> list[list[int]]:
    """Distribute items over rows of ``width``: longest first, each into the fullest row that still has room for it.

    Returns:
        The items' indices, row by row.

    Raises:
        ValueError: An item is longer than a row.
    """
    rows: list[list[int]] = []
    room: list[tuple[int, int]] = []  # (room left, row), ascending
    for item in sorted(range(len(lengths)), key=lambda item: -lengths[item]):
        length = lengths[item]
        if length > width:
            raise ValueError(f"a record of {length} tokens does not fit a row of {width}")
        place = bisect_left(room, (length, -1))
        if place == len(room):
            rows.append([])
            left, row = width, len(rows) - 1
        else:
            left, row = room.pop(place)
        rows[row].append(item)
        insort(room, (left - length, row))
    return rows
