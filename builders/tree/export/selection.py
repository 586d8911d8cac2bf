"""Which records of a config are exported: by source and license, without evaluation sets, some, or in two parts."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from builders import catalogue
from builders.errors import BuildError
from builders.schema import TEXTS
from builders.tree import evaluation, reader
from builders.tree.export import groups
from builders.tree.hashes import Hashes, hash_texts, mixed
from builders.tree.reader import BuiltConfig
from builders.tree.report import Stored

LEFT_OUT, TRAINING, VALIDATION = 0, 1, 2
"""What becomes of a record."""
Fates = np.ndarray[Any, np.dtype[np.uint8]]


@dataclass(frozen=True)
class Selection:
    """What is asked for.

    Args:
        licenses: identifiers of licenses; empty for all.
        sources: names of corpora; empty for all.
        exclude_evaluation: leave out what models are evaluated with (`Corpus.evaluation`).
        limit: number of records drawn at random, with the same chance for each; None for all.
        validation: number of records for the second part, at most; 0 for none.
        seed: of the drawing; the same seed draws the same records.
    """

    licenses: Collection[str] = ()
    sources: Collection[str] = ()
    exclude_evaluation: bool = False
    limit: int | None = None
    validation: int = 0
    seed: int = 0


@dataclass(frozen=True)
class Chosen:
    """The records that were chosen.

    Args:
        tasks: the task configs that are read, by name.
        fates: what becomes of each record, by task config, in the order of its records; where a task config is
            missing, all of its records are for training.
    """

    tasks: Mapping[str, Stored]
    fates: Mapping[str, Fates]

    def count(self, fate: int) -> int:
        """Number of records with a fate."""
        whole = sum(task.records for name, task in self.tasks.items() if name not in self.fates)
        counted = sum(int(np.count_nonzero(fates == fate)) for fates in self.fates.values())
        return counted + (whole if fate == TRAINING else 0)


def choose(directory: Path, config: BuiltConfig, selection: Selection) -> Chosen:
    """Chooses records of a config. What needs no look at single records costs nothing.

    Args:
        directory: the output directory.
        config: which records there are.
        selection: which are asked for.

    Raises:
        BuildError: a source or a license that the config has not, no record is left, or a file cannot be read.
    """
    _require_known("source", selection.sources, {task.corpus for task in config.tasks.values()}, config)
    _require_known("license", selection.licenses, config.licenses, config)
    tasks = {
        name: task
        for name, task in config.tasks.items()
        if (not selection.licenses or task.license in selection.licenses)
        and (not selection.sources or task.corpus in selection.sources)
    }
    fates = _without_evaluation(directory, tasks) if selection.exclude_evaluation else {}
    if selection.limit is not None or selection.validation:
        fates = {name: fates.get(name, np.full(task.records, TRAINING, np.uint8)) for name, task in tasks.items()}
        _draw(directory, tasks, fates, selection)
    chosen = Chosen(tasks, fates)
    if not chosen.count(TRAINING):
        raise BuildError(f'No record of "{config.name}" is left for training.', "Ask for less to be left out.")
    return chosen


def _require_known(what: str, asked: Collection[str], there: Collection[str], config: BuiltConfig) -> None:
    unknown = sorted(set(asked) - set(there))
    if unknown:
        raise BuildError(
            f'"{config.name}" holds no records with the {what} {", ".join(unknown)}.',
            f"Each {what} that it has: {', '.join(sorted(there))}.",
        )


def _without_evaluation(directory: Path, tasks: Mapping[str, Stored]) -> dict[str, Fates]:
    fates = {}
    for name, task in tasks.items():
        if beginnings := evaluation.id_beginnings(catalogue.CORPORA[task.corpus], task.templates):
            ids = (batch.column("id") for batch in reader.batches(directory, task, ["id"]))
            evaluates = np.concatenate([evaluation.begin_so(part, beginnings) for part in ids])
            fates[name] = np.where(evaluates, LEFT_OUT, TRAINING).astype(np.uint8)
    return fates


def _draw(directory: Path, tasks: Mapping[str, Stored], fates: dict[str, Fates], selection: Selection) -> None:
    """Changes the fates of the records that are not drawn, and of those drawn for the second part."""
    generator = np.random.default_rng(selection.seed)
    together = np.concatenate([*fates.values(), np.empty(0, np.uint8)])
    if selection.limit is not None:
        there = np.flatnonzero(together)
        kept = generator.choice(there, min(selection.limit, len(there)), replace=False, shuffle=False)
        together[:] = LEFT_OUT
        together[kept] = TRAINING
    if selection.validation:
        chosen = np.flatnonzero(together)
        labels = groups.labels([np.concatenate(keys)[chosen] for keys in zip(*_keys(directory, tasks), strict=True)])
        together[chosen[groups.draw(labels, selection.validation, generator)]] = VALIDATION
    start = 0
    for name, task in tasks.items():
        fates[name] = together[start : start + task.records]
        start += task.records


def _keys(directory: Path, tasks: Mapping[str, Stored]) -> Iterator[tuple[Hashes, Hashes]]:
    for task in tasks.values():
        for batch in reader.batches(directory, task, (*TEXTS, "id")):
            yield _content(batch), _raw_row(batch)


def _content(batch: pa.RecordBatch) -> Hashes:
    """Equal for equal records, and for a pair and its reverse: what is asked about and the answer, in either order."""
    frame = pl.DataFrame(pl.from_arrow(batch)).with_columns(pl.col("instruction").cast(pl.String))
    asked = frame.select(pl.when(pl.col("input") == "").then("instruction").otherwise("input")).to_series()
    return hash_texts(asked) + hash_texts(frame["output"])  # wraps around


def _raw_row(batch: pa.RecordBatch) -> Hashes:
    """Equal for records that one raw row gave: the id without its task."""
    parts = pl.Series("id", batch.column("id")).str.splitn(":", 3).struct
    return mixed([hash_texts(parts.field(name)) for name in ("field_0", "field_2")])
