"""Records that a model was not trained on, and those that it was, as its ``run.json`` tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from finetune import config, data
from finetune.errors import DataError
from finetune.evaluation import seen

if TYPE_CHECKING:
    import pyarrow as pa
    from datasets import Dataset
    from numpy.typing import NDArray
    from transformers import PreTrainedTokenizerBase

COLUMNS = (*data.COLUMNS, "id", "source", "task")


@dataclass(frozen=True)
class HeldOut:
    """Records to evaluate on, as texts and as tokens."""

    records: list[dict[str, str]]
    """With ``instruction``, ``input``, ``output``, ``source`` and ``task``; the latter two may be empty."""
    tokenised: Dataset
    left_out: int
    """Records that say what a trained record says."""


def settings_of(run: Mapping[str, Any], dataset: str | None = None) -> config.Data:
    """Take the section ``data`` of the run's config.

    Args:
        run: What ``run.json`` holds.
        dataset: Where the dataset is, if it is not where it was during training.
    """
    settings = config.Data.model_validate(run["config"]["data"])
    return settings.model_copy(update={"dataset": dataset}) if dataset else settings


def split_of(run: Mapping[str, Any], settings: config.Data, tokenizer: PreTrainedTokenizerBase) -> data.Split:
    """Split the run's dataset again, as the run did.

    Raises:
        DataError: The dataset cannot be read, or is not the one that was trained on.
    """
    if settings.streaming:
        raise DataError(
            f"the run streamed {settings.dataset}, so what it was trained on cannot be looked through\n"
            "Next step: see run.json for its validation loss, or train without data.streaming to evaluate."
        )
    try:
        split = data.split(settings, tokenizer, seed=run["config"]["training"]["seed"])
    except DataError as error:
        reason = str(error).partition("\n")[0]
        raise DataError(
            f"what the model was trained on cannot be told: {reason}\nNext step: say with --dataset where that dataset is."
        ) from error
    then = tuple(run["data"][name] for name in ("records", "train", "validation"))
    now = (len(split.records), int(split.train.sum()), int(split.held_out.sum()))
    if then != now:
        raise DataError(
            f"{settings.dataset} is not what the model was trained on: then {then[0]:,} records, {then[1]:,} of them to "
            f"train and {then[2]:,} to validate, now {now[0]:,}, {now[1]:,} and {now[2]:,}\n"
            "Next step: give the dataset of the training with --dataset."
        )
    by_pair = settings.validation and settings.split == "pair"
    if run["data"].get("held_out", "" if by_pair else split.fingerprint) != split.fingerprint:
        raise DataError(
            f"{settings.dataset} is not split as it was for the training: its marks, or this project's way of splitting, "
            "have changed, so what the model was trained on cannot be told\n"
            "Next step: give the dataset as it was then with --dataset, or train anew."
        )
    return split


def trained(split: data.Split) -> seen.Trained:
    """Take the texts and ids of the records that were trained on."""
    return seen.Trained(_columns(split.records).filter(split.train))


def validation(split: data.Split, known: seen.Trained, *, limit: int, seed: int) -> HeldOut:
    """Draw records that the run kept out of training.

    Args:
        split: The run's dataset.
        known: What was trained on.
        limit: Most records of each source.
        seed: Decides which are drawn.

    Raises:
        DataError: The run kept none, or what it kept says what a trained record says.
    """
    if not split.held_out.any():
        raise DataError(
            "the run kept no records out of training\nNext step: give other records with --records, or set "
            "data.validation above 0 and train anew."
        )
    return _draw(split.records, split.tokenised, split.held_out, known, limit, seed)


def other(
    settings: config.Data, known: seen.Trained, tokenizer: PreTrainedTokenizerBase, *, limit: int, seed: int
) -> HeldOut:
    """Draw records of another dataset that the model was not trained on.

    Args:
        settings: The run's, with the other dataset and its config.
        known: What was trained on.
        tokenizer: Cuts the texts into tokens.
        limit: Most records of each source.
        seed: Decides which are drawn.

    Raises:
        DataError: The dataset cannot be read, or nothing is left of it.
    """
    everything = settings.model_copy(update={"validation": 0, "limit": None, "mixture": None})
    split = data.split(everything, tokenizer, seed=seed)
    return _draw(split.records, split.tokenised, split.usable, known, limit, seed)


def _draw(
    records: Dataset, tokenised: Dataset, offered: NDArray[np.bool_], known: seen.Trained, limit: int, seed: int
) -> HeldOut:
    rows = np.flatnonzero(offered & (data.prompt_tokens(tokenised) < data.kept_tokens(tokenised)))
    repeated = known.near(_columns(records.select(rows)))
    if repeated.all():
        raise DataError(
            f"nothing is left to evaluate on: of {int(offered.sum()):,} records, {int(repeated.sum()):,} say what a "
            "record of the training says, and the others have no room for a response\n"
            "Next step: give other records with --records."
        )
    rows = np.random.default_rng(seed).permutation(rows[~repeated])
    chosen = _first_of_each(records.select(rows), limit)
    rows = np.sort(rows[chosen])
    texts = [
        {name: str(record.get(name) or "") for name in COLUMNS} for record in _columns(records.select(rows)).to_pylist()
    ]
    return HeldOut(texts, tokenised.select(rows), int(repeated.sum()))


def _first_of_each(records: Dataset, limit: int) -> list[int]:
    """The places of the first records of each source."""
    sources = records["source"] if "source" in records.column_names else [""] * len(records)
    taken: dict[str, list[int]] = {}
    for place, source in enumerate(sources):
        if len(taken.setdefault(str(source), [])) < limit:
            taken[str(source)].append(place)
    return [place for places in taken.values() for place in places]


def _columns(records: Dataset) -> pa.Table:
    return data.table(records, [name for name in COLUMNS if name in records.column_names])
