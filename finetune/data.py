"""Records to token ids and labels: read, tokenised once and cached, split into training and validation.

A dataset is a directory made by ``python -m builders build`` (Parquet with a README.md that names its configs), a name
on the Hub, or a JSON Lines file. Its columns are ``instruction``, ``input`` and ``output``; ``id``, ``source`` and
``license`` are used where they are there.
"""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, overload

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from datasets import (
    Dataset,
    DatasetDict,
    Features,
    IterableDataset,
    IterableDatasetDict,
    List,
    Value,
    get_dataset_config_names,
    load_dataset,
)
from datasets.fingerprint import Hasher
from numpy.typing import NDArray
from transformers import PreTrainedTokenizerBase

from finetune import config, marks, mixture, pairs, prompts
from finetune.errors import DataError, ModelError
from finetune.reading import reading

COLUMNS = ("instruction", "input", "output")
IGNORED = -100
"""The label of a token that no loss is computed for (PyTorch's ``ignore_index``)."""
TOKENISED = Features(
    {
        "input_ids": List(Value("int32")),
        "labels": List(Value("int32")),
        "tokens": Value("int32"),
        "prompt": Value("int32"),
    }
)
BATCH = 1000
WORTH_A_WORKER = 10 * BATCH
"""Records for which starting one more process pays."""
SHOWN = 60
"""Characters of a record's text that stand for its name."""
LONGEST_TEXT = 1_000_000
"""Characters of a record that are looked at; the limit in tokens cuts far before, and a book would take minutes."""


@dataclass(frozen=True)
class Source:
    """One source of the data under one license."""

    name: str
    license: str
    records: int


@dataclass(frozen=True)
class Counts:
    """What a dataset holds, and what became of it; all are numbers of records but the tokens."""

    records: int
    train: int
    validation: int
    cut: int
    """Records longer than the limit: their end is missing in training."""
    without_response: int
    """Records left out, since their prompt fills the limit and the loss is on the response only."""
    tokens: int
    """Tokens predicted in one epoch of training: those that count in the loss."""
    response_tokens: int
    """Tokens of the responses among them, with EOS."""
    held_out: str
    """Fingerprint of which records are kept for validation; empty for a stream."""
    near_duplicates: int | None
    """Records that the dataset's marks call duplicates, none of which was parted from its like; nothing without marks."""
    sources: Sequence[Source]
    """By the columns ``source`` and ``license``, largest first; empty where there are none."""


@dataclass(frozen=True)
class Prepared:
    """Both splits.

    The columns are ``input_ids``, ``labels``, ``tokens`` (length before the cut, without EOS) and ``prompt`` (place of
    the response's first token); the validation set has ``source`` too.
    """

    train: Dataset
    validation: Dataset | None
    counts: Counts
    lengths: NDArray[np.int32]
    """The column ``tokens`` of all records."""
    kept: NDArray[np.int32]
    """Tokens of each training record after the cut, with EOS."""


@dataclass(frozen=True)
class Split:
    """Every record of a dataset, as text and as tokens, and what each is for."""

    records: Dataset
    tokenised: Dataset
    usable: NDArray[np.bool_]
    """Whether a record has a token to train on."""
    held_out: NDArray[np.bool_]
    """Whether a record is kept out of training, to evaluate on."""
    near_duplicates: int | None
    """Records that the dataset's marks call duplicates; nothing without marks, or where records are drawn one by one."""

    @property
    def fingerprint(self) -> str:
        """Tell this choice of records from others."""
        return hashlib.sha256(np.packbits(self.held_out).tobytes()).hexdigest()

    @property
    def train(self) -> NDArray[np.bool_]:
        """Whether a record is trained on."""
        return self.usable & ~self.held_out


def prepare(settings: config.Data, tokenizer: PreTrainedTokenizerBase, *, seed: int = 42) -> Prepared:
    """Read, tokenise and split the dataset that ``settings`` names. The same arguments give the same splits.

    Args:
        settings: The dataset and how its records become tokens.
        tokenizer: Cuts the texts into tokens.
        seed: Decides which records are kept for validation, and which are taken of a mixture.

    Raises:
        DataError: The dataset cannot be read, lacks a column, holds an empty record, or is too small to split.
    """
    parts = split(settings, tokenizer, seed=seed)
    tokens: NDArray[np.int32] = parts.tokenised.data.column("tokens").to_numpy()
    prompt, kept, train = prompt_tokens(parts.tokenised), kept_tokens(parts.tokenised), parts.train
    counts = Counts(
        records=len(parts.records),
        train=int(train.sum()),
        validation=int(parts.held_out.sum()),
        cut=int((tokens > settings.max_tokens).sum()),
        without_response=int((~parts.usable).sum()),
        tokens=int((kept - (1 if settings.train_on_inputs else prompt))[train].sum()),
        response_tokens=int((kept - prompt)[train].sum()),
        held_out=parts.fingerprint,
        near_duplicates=parts.near_duplicates,
        sources=sources(parts.records),
    )
    validation = _validation(parts.tokenised, parts.records, parts.held_out)
    return Prepared(_rows(parts.tokenised, train), validation, counts, tokens, kept[train])


def split(settings: config.Data, tokenizer: PreTrainedTokenizerBase, *, seed: int = 42) -> Split:
    """Read and tokenise the dataset that ``settings`` names, and tell which records are trained on.

    Args:
        settings: The dataset and how its records become tokens.
        tokenizer: Cuts the texts into tokens.
        seed: Decides which records are kept for validation, and which are taken of a mixture.

    Raises:
        DataError: The dataset cannot be read, lacks a column, holds an empty record, or is too small to split.
    """
    records = read_mixture(settings, seed)
    tokenised = tokenise(
        records,
        tokenizer,
        max_tokens=settings.max_tokens,
        train_on_inputs=settings.train_on_inputs,
        prompt=settings.prompt,
        workers=settings.workers,
    )
    answered = prompt_tokens(tokenised) < kept_tokens(tokenised)
    usable = answered | settings.train_on_inputs
    if not usable.any():
        raise DataError(
            f"the prompt of every record fills the limit of {settings.max_tokens} tokens, so no response is left\n"
            "Next step: set data.max_tokens to a larger number."
        )
    with reading(settings.dataset):
        duplicates = marks.read(settings.dataset) if settings.validation and settings.split == "pair" else None
    held_out = _choose_validation(records, usable, settings, duplicates, seed)
    return Split(records, tokenised, usable, held_out, None if duplicates is None else len(duplicates))


def read_mixture(settings: config.Data, seed: int) -> Dataset:
    """Read the records that ``settings`` ask for: a config, or some of several, up to a limit.

    Args:
        settings: The dataset, and its config or mixture.
        seed: Decides which records are taken where not all are.

    Raises:
        DataError: A config cannot be read or holds too few records.
    """
    if not settings.mixture:
        return mixture.limit(read(settings.dataset, settings.config), settings.limit, seed)
    parts = {name: read(settings.dataset, name) for name in settings.mixture}
    return mixture.mix(parts, settings.mixture, settings.limit, seed)


def sources(records: Dataset) -> list[Source]:
    """Count the records of each source and license, largest first; nothing where a column is missing."""
    if not {"source", "license"} <= set(records.column_names):
        return []
    groups = table(records, ["source", "license"]).group_by(["source", "license"]).aggregate([([], "count_all")])
    return in_order(Source(str(row["source"]), str(row["license"]), row["count_all"]) for row in groups.to_pylist())


def in_order(sources: Iterable[Source]) -> list[Source]:
    """Put the largest source first, and those of one size in the order of their names."""
    return sorted(sources, key=lambda source: (-source.records, source.name, source.license))


def table(records: Dataset, columns: Sequence[str]) -> pa.Table:
    """Take ``columns`` of ``records`` as Arrow; nothing is copied unless the records are a selection."""
    chosen: pa.Table = records.select_columns(list(columns)).with_format("arrow")[:]
    return chosen


@overload
def read(dataset: str, name: str | None = None) -> Dataset: ...
@overload
def read(dataset: str, name: str | None = None, *, streaming: Literal[True]) -> IterableDataset: ...
def read(dataset: str, name: str | None = None, *, streaming: bool = False) -> Dataset | IterableDataset:
    """Read the records of a dataset.

    Args:
        dataset: A built directory, a name on the Hub, or a JSON Lines file (``.jsonl``, ``.json``).
        name: A config of the dataset; nothing means its default one.
        streaming: Whether records are read as they are asked for, and not kept on the disk.

    Raises:
        DataError: There is no such dataset or config, or it lacks a column or a train split.
    """
    where = f"{dataset}, config {name}" if name else dataset
    with reading(dataset, name):
        loaded = _load(dataset, name, streaming)
        records = _train_split(loaded, where)
        columns = records.column_names or list(next(iter(records)))
    missing = [column for column in COLUMNS if column not in columns]
    if missing:
        raise DataError(
            f"{where} has no column {' and no column '.join(missing)}; "
            f"its columns are {', '.join(columns)}\n"
            "Next step: give a dataset whose records have instruction, input and output."
        )
    return records


def _load(dataset: str, name: str | None, streaming: bool) -> Any:
    try:
        if Path(dataset).suffix not in (".jsonl", ".json"):
            _check_config(dataset, name)
            return load_dataset(dataset, name, streaming=streaming)
        if name:
            raise DataError(
                f"{dataset} is a JSON Lines file and has no config {name}\nNext step: leave data.config out."
            )
        loaded = load_dataset("json", data_files=dataset, streaming=streaming)
        for part in () if streaming else loaded.values():
            part.data.validate(full=True)  # Arrow reads bytes that are not UTF-8 as they are
        return loaded
    except (FileNotFoundError, ConnectionError) as error:
        raise DataError(
            f"there is no dataset {dataset}: {error}\nNext step: give a directory made by python -m builders build, "
            "a JSON Lines file, or a name on the Hub."
        ) from error


def tokenise(
    records: Dataset,
    tokenizer: PreTrainedTokenizerBase,
    *,
    max_tokens: int = 256,
    train_on_inputs: bool = True,
    prompt: prompts.Kind = "alpaca",
    workers: int | None = None,
) -> Dataset:
    """Cut each record into tokens.

    EOS ends a record that has room for it within ``max_tokens``. The first token's label is -100, since nothing comes
    before it to predict it from; without ``train_on_inputs`` so are those of the prompt. The result is cached beside
    the dataset's own cache, under a name made of everything it depends on.

    Args:
        records: The columns ``instruction``, ``input`` and ``output``.
        tokenizer: Cuts the texts into tokens.
        max_tokens: Where a record is cut.
        train_on_inputs: Whether the prompt counts in the loss.
        prompt: How a record becomes a text.
        workers: Most processes to use; nothing means one per core.

    Returns:
        A row for each record: ``input_ids`` (at most ``max_tokens``), ``labels``, ``tokens`` (the length before the
        cut, with BOS and without EOS) and ``prompt`` (tokens of the prompt, cut too).

    Raises:
        DataError: A record is empty, or holds something else than texts.
    """
    workers = min(workers or os.cpu_count() or 1, math.ceil(len(records) / WORTH_A_WORKER))
    settings = {
        "prompt": prompts.Prompt(prompt, tokenizer),
        "max_tokens": max_tokens,
        "train_on_inputs": train_on_inputs,
    }
    return records.map(
        _tokenise_batch,
        with_indices=True,
        batched=True,
        batch_size=BATCH,
        fn_kwargs=settings,
        remove_columns=records.column_names,
        features=TOKENISED,
        num_proc=workers if workers > 1 else None,
        new_fingerprint=_fingerprint(records, tokenizer, max_tokens, train_on_inputs, prompt),
        desc="tokenising",
    )


def prompt_tokens(tokenised: Dataset) -> NDArray[np.int32]:
    """Count the tokens of each record's prompt, at most the limit."""
    counts: NDArray[np.int32] = tokenised.data.column("prompt").to_numpy()
    return counts


def kept_tokens(tokenised: Dataset) -> NDArray[np.int32]:
    """Count the tokens of each record after the cut, with EOS."""
    counts: NDArray[np.int32] = pc.list_value_length(tokenised.data.column("input_ids")).to_numpy()
    return counts


def response_labels(record: Mapping[str, Any]) -> list[int]:
    """Make labels that count the response of a tokenised ``record`` alone, with EOS."""
    start, ids = int(record["prompt"]), list(record["input_ids"])
    return [IGNORED] * start + ids[start:]


def _choose_validation(
    records: Dataset, usable: NDArray[np.bool_], settings: config.Data, duplicates: pl.DataFrame | None, seed: int
) -> NDArray[np.bool_]:
    """Whether each record is kept out of training."""
    count, there = settings.validation, int(usable.sum())
    if count and count >= there:
        raise DataError(
            f"{count:,} records cannot be kept for validation: the dataset holds {there:,}\n"
            "Next step: set data.validation to a smaller number, or to 0."
        )
    chosen = np.zeros(len(usable), dtype=bool)
    rows = np.flatnonzero(usable)
    if settings.split == "record":
        chosen[np.random.default_rng(seed).permutation(rows)[:count]] = True
        return chosen
    columns = [name for name in (*COLUMNS, "id") if name in records.column_names]
    chosen[rows] = pairs.draw(pairs.groups(table(records, columns).filter(usable), duplicates), count, seed)
    if count and not chosen.any():
        raise DataError(
            f"{count:,} records cannot be kept for validation: no group of records that belong together is so small\n"
            "Next step: set data.validation to a larger number, to 0, or data.split: record."
        )
    return chosen


def _rows(tokenised: Dataset, chosen: NDArray[np.bool_]) -> Dataset:
    return tokenised if chosen.all() else tokenised.select(np.flatnonzero(chosen))


def _validation(tokenised: Dataset, records: Dataset, held_out: NDArray[np.bool_]) -> Dataset | None:
    """The validation set with the source of each record, if it has any records."""
    if not held_out.any():
        return None
    rows = np.flatnonzero(held_out)
    named = records.select(rows)["source"] if "source" in records.column_names else [""] * len(rows)
    return tokenised.select(rows).add_column("source", [str(name) for name in named])


def _check_config(dataset: str, name: str | None) -> None:
    names = get_dataset_config_names(dataset)
    if name and name not in names:
        raise DataError(
            f"{dataset} has no config {name}; it has {', '.join(names)}\nNext step: set data.config to one of these."
        )


def _train_split(loaded: DatasetDict | IterableDatasetDict, where: str) -> Any:
    if "train" not in loaded:
        raise DataError(
            f"{where} has no split train, only {', '.join(loaded)}\nNext step: give a dataset with a train split."
        )
    return loaded["train"]


def tokenise_batch(texts: pa.Table, prompt: prompts.Prompt, settings: config.Data) -> list[dict[str, Any]]:
    """Cut some records into tokens, without a cache; the keys of each are the columns of ``tokenise``.

    Raises:
        DataError: A record is empty, or holds something else than texts.
    """
    if not len(texts):  # which the tokenizer does not take
        return []
    made = _tokenise_batch(
        texts.to_pydict(),
        None,
        prompt=prompt,
        max_tokens=settings.max_tokens,
        train_on_inputs=settings.train_on_inputs,
    )
    return [dict(zip(made, row, strict=True)) for row in zip(*made.values(), strict=True)]


def _tokenise_batch(
    batch: Mapping[str, list[Any]],
    rows: list[int] | None,
    *,
    prompt: prompts.Prompt,
    max_tokens: int,
    train_on_inputs: bool,
) -> dict[str, list[Any]]:
    texts = list(zip(*(batch[column] for column in COLUMNS), strict=True))
    # In a stream nobody knows where a record stands.
    named = [_beginning(record) for record in texts] if rows is None else [f"number {row + 1}" for row in rows]
    named = batch.get("id") or named
    records = [_check(name, *record) for name, record in zip(named, texts, strict=True)]
    starts = [_start(prompt, name, *record[:2]) for name, record in zip(named, records, strict=True)]
    longest = max(LONGEST_TEXT, 100 * max_tokens)
    encoded = prompt.encode([(start + record[2])[:longest] for start, record in zip(starts, records, strict=True)])
    all_ids, all_labels, in_prompt = [], [], []
    for row, ids in enumerate(encoded["input_ids"]):
        all_ids.append([*ids, prompt.end] if len(ids) < max_tokens else ids[:max_tokens])
        response = encoded.char_to_token(row, len(starts[row]))  # nothing if the response is beyond the longest text
        in_prompt.append(min(len(ids) if response is None else response, max_tokens))
        unscored = 1 if train_on_inputs else in_prompt[-1]
        all_labels.append([IGNORED] * unscored + all_ids[-1][unscored:])
    tokens = [len(ids) for ids in encoded["input_ids"]]
    return {"input_ids": all_ids, "labels": all_labels, "tokens": tokens, "prompt": in_prompt}


def _start(prompt: prompts.Prompt, name: str, instruction: str, given: str) -> str:
    """The text before the response of record ``name``."""
    try:
        return prompt.text(instruction, given)
    except ModelError as error:
        raise DataError(f"record {name}: {error}") from error


def _beginning(texts: tuple[Any, ...]) -> str:
    """The first text of a record that says anything, cut short."""
    text = next((str(text) for text in texts if text), "")
    return repr(text[:SHOWN] + "..." * (len(text) > SHOWN))


def _check(name: str, instruction: Any, input: Any, output: Any) -> tuple[str, str, str]:
    """The three texts of record ``name``; no input may be null as well as empty."""
    texts = {"instruction": instruction, "input": "" if input is None else input, "output": output}
    for column, text in texts.items():
        if text is not None and not isinstance(text, str):
            raise DataError(
                f"record {name}: {column} is {text!r}, which is not a text\nNext step: correct it or leave it out."
            )
        if column != "input" and not (text or "").strip():
            raise DataError(f"record {name}: {column} is empty\nNext step: correct the record or leave it out.")
    return instruction, texts["input"], output


def _fingerprint(records: Dataset, tokenizer: PreTrainedTokenizerBase, *settings: object) -> str:
    """Names the cache. A tokenizer object hashes differently once it has been used, so its content is hashed."""
    code = [Path(name).read_bytes() for name in (prompts.__file__, __file__)]
    content = (tokenizer.backend_tokenizer.to_str(), tokenizer.special_tokens_map, tokenizer.chat_template)
    return str(Hasher.hash((records._fingerprint, content, settings, code)))
