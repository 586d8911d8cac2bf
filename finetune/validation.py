"""The loss of the validation set, exactly: every token once, whatever the batching and the number of processes.

The Trainer's own figure is a mean over batches, weighted by their rows, with records repeated to even out the
processes. And most of the tokens are those of the prompt: the loss of the response alone says what a run has learnt.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from datasets import Dataset
from torch.nn import functional

from finetune.data import IGNORED, response_labels
from finetune.packing import Collator, next_labels

PREFIX = "eval"


@dataclass(frozen=True)
class Loss:
    """Mean losses over some records, in nats per token; nothing where there is no such token."""

    records: int
    loss: float | None
    """Over the tokens that training counts."""
    response_loss: float | None
    """Over the tokens of the response, with EOS."""


@dataclass(frozen=True)
class Losses:
    """The losses of a whole validation set, and of each of its sources."""

    all: Loss
    by_source: Mapping[str, Loss]

    def metrics(self) -> dict[str, float]:
        """The two figures in the Trainer's words."""
        found = {f"{PREFIX}_loss": self.all.loss, f"{PREFIX}_response_loss": self.all.response_loss}
        return {name: value for name, value in found.items() if value is not None}

    def as_json(self) -> dict[str, Any]:
        """The figures as ``run.json`` holds them."""
        return {**asdict(self.all), "by_source": {name: asdict(loss) for name, loss in self.by_source.items()}}


def measure(
    model: Callable[..., Any],
    records: Dataset,
    collate: Collator,
    *,
    per_batch: int,
    share: tuple[int, int] = (0, 1),
    prepare: Callable[[dict[str, Any]], dict[str, Any]] = lambda batch: batch,
    reduce: Callable[[torch.Tensor], torch.Tensor] = lambda sums: sums,
    all_logits: bool = False,
) -> Losses:
    """Measure the losses of ``records``.

    Args:
        model: In evaluation mode.
        records: The columns ``input_ids``, ``labels``, ``prompt`` and ``source``.
        collate: Makes a batch out of records.
        per_batch: Records that a process takes at once.
        share: Number of this process, and how many there are; each takes its share of the records.
        prepare: Moves a batch to the model's device.
        reduce: Adds up what all processes have summed.
        all_logits: Ask for the logits of every position, for a model that takes no mask of positions (Liger's).
    """
    sources = np.asarray(records["source"])
    names = sorted(set(sources.tolist()))
    process, processes = share
    sums = []
    for name in names:
        rows = np.flatnonzero(sources == name)
        parts = []
        # As many passes in every process: under ZeRO-3 each of them gathers weights from all.
        for start in range(0, -(-len(rows) // processes), per_batch):
            own = rows[process::processes][start : start + per_batch]
            asked = list(records.select(own if len(own) else rows[:1]))
            part = _sum(model, asked, collate, prepare, all_logits)
            parts.append(part if len(own) else torch.zeros_like(part))
        sums.append(torch.stack(parts).sum(0))
    summed = reduce(prepare({"sums": torch.stack(sums)})["sums"]).cpu()
    records_of = {name: int((sources == name).sum()) for name in names}
    by_source = {name: _loss(records_of[name], sums) for name, sums in zip(names, summed, strict=True)}
    return Losses(_loss(len(records), summed.sum(0)), by_source if names != [""] else {})


def _sum(
    model: Callable[..., Any],
    records: list[dict[str, Any]],
    collate: Collator,
    prepare: Callable[[dict[str, Any]], dict[str, Any]],
    all_logits: bool,
) -> torch.Tensor:
    """Nats and tokens of all labels, then of the responses."""
    batch = prepare(collate([_only(record, record["labels"]) for record in records]))
    responses = prepare(collate([_only(record, response_labels(record)) for record in records]))["labels"]
    counted = [next_labels(labels) != IGNORED for labels in (batch.pop("labels"), responses)]
    scored = counted[0] | counted[1]
    logits = model(**batch).logits[scored] if all_logits else model(**batch, logits_to_keep=scored).logits
    nats = functional.cross_entropy(logits.float(), next_labels(batch["input_ids"])[scored], reduction="none").double()
    shares = [part[scored].double() for part in counted]
    return torch.stack([part for share in shares for part in ((nats * share).sum(), share.sum())]).cpu()


def _only(record: Mapping[str, Any], labels: list[int]) -> dict[str, list[int]]:
    return {"input_ids": record["input_ids"], "labels": labels}


def _loss(records: int, sums: torch.Tensor) -> Loss:
    nats, tokens, response_nats, response_tokens = sums.tolist()
    return Loss(
        records,
        nats / tokens if tokens else None,
        response_nats / response_tokens if response_tokens else None,
    )
