"""Records that are read and cut into tokens while the training runs, for a dataset that the disk does not hold.

A dataset on the Hub or in a directory is read file by file by ``datasets``, shuffled in a buffer that several files fill
side by side. Every process reads the whole stream and takes each n-th record of it, so that a step trains the same
records with any number of processes (with ``batching: rows``, not the same: rows are made by each process); text is
small beside what a model computes with it. Nothing is cached: a run that
goes on after a stop reads the stream from its beginning again, and tokenises what it has trained already, up to the place
where it stopped.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import torch
from datasets import Dataset, IterableDataset
from numpy.typing import NDArray
from torch.utils import data as torch_data
from transformers import PreTrainedTokenizerBase

from finetune import config, data, marks, packing, pairs, prompts
from finetune.errors import DataError
from finetune.packing import Record
from finetune.reading import reading

BUFFER = 10_000
"""Records in the buffer that the next one is drawn from."""
FILES = 64
"""Most files that fill the buffer side by side: the published dataset has the records of one source together."""


@dataclass
class Seen:
    """What one process has trained on, as ``data.Counts`` has it."""

    train: int = 0
    cut: int = 0
    without_response: int = 0
    tokens: int = 0
    response_tokens: int = 0
    sources: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, other: Seen) -> None:
        """Add what another process has seen."""
        for name in ("train", "cut", "without_response", "tokens", "response_tokens"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.sources.update(other.sources)


class Stream(torch_data.IterableDataset[Record | list[Record]]):
    """The training records of one process, without end: epoch after epoch, each in another order."""

    def __init__(
        self,
        records: IterableDataset,
        settings: config.Data,
        prompt: prompts.Prompt,
        held_out: HeldOut,
        *,
        share: tuple[int, int] = (0, 1),
        rows: bool = False,
    ) -> None:
        """Read nothing yet.

        Args:
            records: The whole dataset, shuffled.
            settings: How its records become tokens.
            prompt: Turns them into texts.
            held_out: What is not trained on.
            share: Number of this process, and how many there are.
            rows: Whether records are put side by side into rows of ``max_tokens`` (``batching: rows``).
        """
        super().__init__()
        self.records, self.settings, self.prompt, self.held_out = records, settings, prompt, held_out
        self.share, self.rows = share, rows
        self.seen = Seen()

    def __iter__(self) -> Iterator[Record | list[Record]]:
        self.seen = Seen()
        process, processes = self.share
        place = 0
        for epoch in itertools.count():
            self.records.set_epoch(epoch)
            before = self.seen.train
            for batch in self._batches(data.BATCH * processes):
                kept = self.held_out.others(pa.table(batch))
                own = kept.take(np.arange((process - place) % processes, len(kept), processes))
                place += len(kept)
                yield from self._units(own, place)
            if self.seen.train == before:  # and so it would be for ever
                raise DataError(
                    f"a whole pass over {self.settings.dataset} gave nothing to train on: every record belongs to one "
                    "held out, or its prompt fills the limit\nNext step: set data.validation to a smaller number, or "
                    "data.max_tokens to a larger one."
                )

    def _batches(self, size: int) -> Iterator[dict[str, list[Any]]]:
        with reading(self.settings.dataset, self.settings.config):
            yield from self.records.iter(batch_size=size)

    def _units(self, texts: pa.Table, place: int) -> Iterator[Record | list[Record]]:
        """Records of some texts, or rows of them; counted as they are handed out, which is when they are trained."""
        sources: list[tuple[str, str] | None] = [None] * len(texts)
        if {"source", "license"} <= set(texts.column_names):
            sources = [(str(row["source"]), str(row["license"])) for row in texts.to_pylist()]
        usable = []
        for record, source in zip(data.tokenise_batch(texts, self.prompt, self.settings), sources, strict=True):
            if record["labels"][-1] == data.IGNORED:
                self.seen.without_response += 1
            else:
                usable.append((record, source))
        if not self.rows:
            for record, source in usable:
                yield self._counted(record, source)
            return
        lengths = np.array([len(record["input_ids"]) for record, _ in usable], dtype=np.int32)
        for members in packing.rows_of(lengths, self.settings.max_tokens, seed=place):
            yield [self._counted(*usable[member]) for member in members]

    def _counted(self, record: dict[str, Any], source: tuple[str, str] | None) -> Record:
        kept, prompt = len(record["input_ids"]), record["prompt"]
        self.seen.train += 1
        self.seen.cut += record["tokens"] > self.settings.max_tokens
        self.seen.tokens += kept - (1 if self.settings.train_on_inputs else prompt)
        self.seen.response_tokens += kept - prompt
        if source:
            self.seen.sources[source] += 1
        return {"input_ids": record["input_ids"], "labels": record["labels"]}

    def counts(self) -> data.Counts:
        """Add up what all processes have trained on; each of them has to call this."""
        everyone = [self.seen]
        if torch.distributed.is_initialized():
            everyone = [Seen()] * self.share[1]
            torch.distributed.all_gather_object(everyone, self.seen)
        total = Seen()
        for seen in everyone:
            total.add(seen)
        held_out = self.held_out.records
        return data.Counts(
            records=total.train + total.without_response + held_out,
            train=total.train,
            validation=held_out,
            cut=total.cut,
            without_response=total.without_response,
            tokens=total.tokens,
            response_tokens=total.response_tokens,
            held_out="",
            near_duplicates=self.held_out.near_duplicates,
            sources=data.in_order(data.Source(*name, records) for name, records in total.sources.items()),
        )


class HeldOut:
    """The first records of a stream, which are kept out of training, with whatever belongs together with them."""

    def __init__(self, texts: Sequence[Mapping[str, Any]], duplicates: pl.DataFrame | None = None) -> None:
        """Take the records, and which of the dataset's are duplicates (``marks.read``)."""
        self.texts = texts
        self.records = len(texts)
        self.keys = pairs.keys(pa.Table.from_pylist(list(texts))) if texts else []
        self.near_duplicates = None if duplicates is None else len(duplicates)
        self.copies = pl.Series([], dtype=pl.String)
        if duplicates is not None and texts and "id" in texts[0]:
            self.copies = marks.copies(pl.Series([row["id"] for row in texts], dtype=pl.String), duplicates)

    def others(self, records: pa.Table) -> pa.Table:
        """Take those of ``records`` that belong together with none held out (``pairs``)."""
        if not self.keys:
            return records
        belongs = np.zeros(len(records), dtype=bool)
        for key, held_out in zip(pairs.keys(records), self.keys, strict=True):
            belongs |= key.is_in(held_out.implode()).to_numpy()
        if len(self.copies):
            belongs |= pl.Series(records["id"].to_pylist(), dtype=pl.String).is_in(self.copies.implode()).to_numpy()
        return records.filter(~belongs)


@dataclass(frozen=True)
class Streamed:
    """A stream, and what was read of it to begin with."""

    train: Stream
    validation: Dataset | None
    lengths: NDArray[np.int32]
    """Tokens of some records, without EOS."""
    records: int | None
    """Records of the dataset less those held out; nothing where it does not say how many it holds."""


def prepare(
    settings: config.Data,
    tokenizer: PreTrainedTokenizerBase,
    *,
    seed: int = 42,
    share: tuple[int, int] = (0, 1),
    rows: bool = False,
) -> Streamed:
    """Open the dataset that ``settings`` name, and read the records that are held out: the first of the stream.

    Args:
        settings: The dataset and how its records become tokens.
        tokenizer: Cuts the texts into tokens.
        seed: Decides the order.
        share: Number of this process, and how many there are.
        rows: Whether records are put side by side into rows.

    Raises:
        DataError: The dataset cannot be read, lacks a column, or holds no more records than are held out.
    """
    records = data.read(settings.dataset, settings.config, streaming=True)
    total = getattr((records.info.splits or {}).get("train"), "num_examples", None)
    records = records.shuffle(seed=seed, buffer_size=BUFFER, max_buffer_input_shards=FILES)
    prompt = prompts.Prompt(settings.prompt, tokenizer)
    with reading(settings.dataset, settings.config):
        first = list(itertools.islice(records, max(settings.validation, data.BATCH)))
        duplicates = marks.read(settings.dataset) if settings.validation else None
    if len(first) <= settings.validation:
        raise DataError(
            f"{settings.validation:,} records cannot be kept for validation: the dataset holds {len(first):,}\n"
            "Next step: set data.validation to a smaller number, or to 0."
        )
    tokenised = data.tokenise_batch(pa.Table.from_pylist(first), prompt, settings)
    lengths = np.array([record["tokens"] for record in tokenised], dtype=np.int32)
    held_out = HeldOut(first[: settings.validation], duplicates)
    train = Stream(records, settings, prompt, held_out, share=share, rows=rows)
    validation = [
        record | {"source": str(texts.get("source") or "")}
        for record, texts in zip(tokenised, held_out.texts, strict=False)
        if record["labels"][-1] != data.IGNORED
    ]
    return Streamed(
        train, Dataset.from_list(validation) if validation else None, lengths, total and total - held_out.records
    )
