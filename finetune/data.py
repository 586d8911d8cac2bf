"""Records to token ids and labels: read, tokenised once and cached, split into training and validation.

A dataset is a directory made by ``python -m builders build`` (Parquet with a README.md that names its configs), a name
on the Hub, or a JSON Lines file. Its columns are ``instruction``, ``input`` and ``output``; ``id``, ``source`` and
``license`` are used where they are there.
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc
from datasets import Dataset, DatasetDict, Features, List, Value, get_dataset_config_names, load_dataset
from datasets.fingerprint import Hasher
from numpy.typing import NDArray
from transformers import PreTrainedTokenizerBase

from finetune import config, prompts
from finetune.errors import DataError

COLUMNS = ("instruction", "input", "output")
IGNORED = -100
"""The label of a token that no loss is computed for (PyTorch's ``ignore_index``)."""
TOKENISED = Features({"input_ids": List(Value("int32")), "labels": List(Value("int32")), "tokens": Value("int32")})
BATCH = 1000
WORTH_A_WORKER = 10 * BATCH
"""Records for which starting one more process pays."""


@dataclass(frozen=True)
class Counts:
    """What a dataset holds, and what became of it; all are numbers of records but ``tokens``."""

    records: int
    train: int
    validation: int
    cut: int
    """Records longer than the limit: their end is missing in training."""
    tokens: int
    """Tokens trained on in one epoch."""
    sources: Mapping[str, int]
    """By the ``source`` column; empty where there is none."""
    licenses: Mapping[str, int]
    """By the ``license`` column; empty where there is none."""


@dataclass(frozen=True)
class Prepared:
    """Both splits, with the columns ``input_ids``, ``labels`` and ``tokens`` (length before the cut, without EOS)."""

    train: Dataset
    validation: Dataset | None
    counts: Counts
    lengths: NDArray[np.int32]
    """The column ``tokens`` of all records."""


def prepare(settings: config.Data, tokenizer: PreTrainedTokenizerBase, *, seed: int = 42) -> Prepared:
    """Read, tokenise and split the dataset that ``settings`` names. The same arguments give the same splits.

    Args:
        settings: The dataset and how its records become tokens.
        tokenizer: Cuts the texts into tokens.
        seed: Decides which records are kept for validation.

    Raises:
        DataError: The dataset cannot be read, lacks a column, holds an empty record, or is too small to split.
    """
    records = read(settings.dataset, settings.config)
    tokenised = tokenise(
        records,
        tokenizer,
        max_tokens=settings.max_tokens,
        train_on_inputs=settings.train_on_inputs,
        workers=settings.workers,
    )
    train, validation = split(tokenised, settings.validation, seed)
    tokens = tokenised.data.column("tokens")
    kept = pc.min_element_wise(pc.add(tokens, 1), settings.max_tokens)  # with EOS
    counts = Counts(
        records=len(records),
        train=len(train),
        validation=len(validation) if validation else 0,
        cut=pc.sum(pc.greater(tokens, settings.max_tokens)).as_py(),
        tokens=pc.sum(kept).as_py() - sum(map(len, validation["input_ids"]) if validation else ()),
        sources=_tally(records, "source"),
        licenses=_tally(records, "license"),
    )
    return Prepared(train, validation, counts, tokens.to_numpy())


def read(dataset: str, name: str | None = None) -> Dataset:
    """Read the records of a dataset.

    Args:
        dataset: A built directory, a name on the Hub, or a JSON Lines file (``.jsonl``, ``.json``).
        name: A config of the dataset; nothing means its default one.

    Raises:
        DataError: There is no such dataset or config, or it lacks a column or a train split.
    """
    where = f"{dataset}, config {name}" if name else dataset
    path = Path(dataset)
    try:
        if path.suffix in (".jsonl", ".json"):
            if name:
                raise DataError(
                    f"{dataset} is a JSON Lines file and has no config {name}\nNext step: leave data.config out."
                )
            loaded = load_dataset("json", data_files=dataset)
        else:
            _check_config(dataset, name)
            loaded = load_dataset(dataset, name)
    except DataError:
        raise
    except (FileNotFoundError, ConnectionError) as error:
        raise DataError(
            f"there is no dataset {dataset}: {error}\nNext step: give a directory made by python -m builders build, "
            "a JSON Lines file, or a name on the Hub."
        ) from error
    except Exception as error:  # datasets raises many kinds, each with its own account of the file
        if isinstance(error, StopIteration) or "corresponds to no data" in str(error):
            raise DataError(f"{where} holds no records\nNext step: give a dataset that is not empty.") from error
        cause = error.__cause__ or error
        raise DataError(
            f"{where} cannot be read: {cause}\nNext step: correct the file, or build the dataset anew."
        ) from error
    records = _train_split(loaded, where)
    missing = [column for column in COLUMNS if column not in records.column_names]
    if missing:
        raise DataError(
            f"{where} has no column {' and no column '.join(missing)}; "
            f"its columns are {', '.join(records.column_names)}\n"
            "Next step: give a dataset whose records have instruction, input and output."
        )
    return records


def tokenise(
    records: Dataset,
    tokenizer: PreTrainedTokenizerBase,
    *,
    max_tokens: int = 256,
    train_on_inputs: bool = True,
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
        workers: Most processes to use; nothing means one per core.

    Returns:
        A row for each record: ``input_ids`` (at most ``max_tokens``), ``labels``, and ``tokens`` (the length before
        the cut, with BOS and without EOS).

    Raises:
        DataError: A record is empty, or holds something else than texts.
    """
    workers = min(workers or os.cpu_count() or 1, math.ceil(len(records) / WORTH_A_WORKER))
    settings = {"tokenizer": tokenizer, "max_tokens": max_tokens, "train_on_inputs": train_on_inputs}
    return records.map(
        _tokenise_batch,
        with_indices=True,
        batched=True,
        batch_size=BATCH,
        fn_kwargs=settings,
        remove_columns=records.column_names,
        features=TOKENISED,
        num_proc=workers if workers > 1 else None,
        new_fingerprint=_fingerprint(records, tokenizer, max_tokens, train_on_inputs),
        desc="tokenising",
    )


def split(tokenised: Dataset, validation: int, seed: int) -> tuple[Dataset, Dataset | None]:
    """Keep ``validation`` records, drawn at random, out of training.

    Returns:
        (training, validation); no validation set for 0 records.

    Raises:
        DataError: There are not so many records.
    """
    if not validation:
        return tokenised, None
    if validation >= len(tokenised):
        raise DataError(
            f"{validation:,} records cannot be kept for validation: the dataset holds {len(tokenised):,}\n"
            "Next step: set data.validation to a smaller number, or to 0."
        )
    parts = tokenised.train_test_split(test_size=validation, shuffle=True, seed=seed)
    return parts["train"], parts["test"]


def _check_config(dataset: str, name: str | None) -> None:
    names = get_dataset_config_names(dataset)
    if name and name not in names:
        raise DataError(
            f"{dataset} has no config {name}; it has {', '.join(names)}\nNext step: set data.config to one of these."
        )


def _train_split(loaded: DatasetDict, where: str) -> Dataset:
    if "train" not in loaded:
        raise DataError(
            f"{where} has no split train, only {', '.join(loaded)}\nNext step: give a dataset with a train split."
        )
    return loaded["train"]


def _tokenise_batch(
    batch: Mapping[str, list[Any]],
    rows: list[int],
    *,
    tokenizer: PreTrainedTokenizerBase,
    max_tokens: int,
    train_on_inputs: bool,
) -> dict[str, list[Any]]:
    names = batch.get("id") or [f"number {row + 1}" for row in rows]
    records = [_check(*record) for record in zip(names, *(batch[column] for column in COLUMNS), strict=True)]
    encoded = tokenizer(
        [prompts.format_record(*record) for record in records],
        return_offsets_mapping=not train_on_inputs,
        return_attention_mask=False,
        verbose=False,  # no warning of texts beyond the model's length: they are cut below
    )
    all_ids, all_labels = [], []
    for row, ids in enumerate(encoded["input_ids"]):
        all_ids.append([*ids, tokenizer.eos_token_id] if len(ids) < max_tokens else ids[:max_tokens])
        unscored = 1
        if not train_on_inputs:
            prompt = len(prompts.format_prompt(*records[row][:2]))
            unscored = sum(end <= prompt for _, end in encoded["offset_mapping"][row])
        all_labels.append([IGNORED] * min(unscored, max_tokens) + all_ids[-1][unscored:])
    return {"input_ids": all_ids, "labels": all_labels, "tokens": [len(ids) for ids in encoded["input_ids"]]}


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
    code = [Path(str(module.__file__)).read_bytes() for module in (prompts, sys.modules[__name__])]
    content = (tokenizer.backend_tokenizer.to_str(), tokenizer.special_tokens_map)
    return str(Hasher.hash((records._fingerprint, content, settings, code)))


def _tally(records: Dataset, column: str) -> dict[str, int]:
    """How many records there are of each value, most frequent first."""
    if column not in records.column_names:
        return {}
    found = pc.value_counts(records.data.column(column)).to_pylist()
    return {str(entry["values"]): entry["counts"] for entry in sorted(found, key=lambda entry: -entry["counts"])}
