"""Which records of a config two datasets have in common, by their ids, and which columns differ.

A Parquet file that both sides have, by its sha256, is read on neither: ids are unique, so its records are the same on
both. Of the other files, only hashes are kept, 40 bytes a record; memory is that of the largest config.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from builders.diff.dataset import Dataset
from builders.schema import COLUMNS, TEXTS
from builders.tree import reader
from builders.tree.hashes import Hashes, hash_texts, mixed
from builders.tree.report import OutputFile, Stored

COMPARED = tuple(name for name in COLUMNS if name not in ("id", "source", "task"))
"""Columns that two records of the same id can differ in: source and task are parts of the id."""


@dataclass(frozen=True)
class Side:
    """A config as one of the datasets has it: only the files that the other does not have.

    Args:
        dataset: whose it is.
        entry: of the report, with these files alone; None where the dataset has no such config.
    """

    dataset: Dataset
    entry: Stored | None

    @property
    def records(self) -> int:
        """Number of records in these files."""
        return sum(file.rows or 0 for file in self.files)

    @property
    def files(self) -> tuple[OutputFile, ...]:
        """The files."""
        return self.entry.shards if self.entry else ()


@dataclass(frozen=True)
class RecordChanges:
    """The records that differ, as 64-bit hashes of their ids.

    Args:
        added, removed: ids that only the new or only the old dataset has.
        changed: ids of both whose records differ.
        columns: number of changed records that differ in a column, by column; columns without any are left out.
        moved: of the records added or changed, those whose texts stood under another id before.
    """

    added: Hashes
    removed: Hashes
    changed: Hashes
    columns: Mapping[str, int]
    moved: int

    def __bool__(self) -> bool:
        return bool(self.added.size or self.removed.size or self.changed.size)


def sides(old: Dataset, new: Dataset, before: Stored | None, after: Stored | None) -> tuple[Side, Side]:
    """The files of a config that have to be read, of either dataset.

    Args:
        old, new: the datasets.
        before, after: the config's entries in their reports; None where there is none.
    """
    files = [entry.shards if entry else () for entry in (before, after)]
    common = Counter(file.sha256 for file in files[0]) & Counter(file.sha256 for file in files[1])
    left = [
        replace(entry, shards=tuple(_without(entry.shards, common))) if entry else None for entry in (before, after)
    ]
    return Side(old, left[0]), Side(new, left[1])


def _without(files: Iterable[OutputFile], common: Mapping[str, int]) -> Iterable[OutputFile]:
    to_skip = Counter(common)
    for file in files:
        if to_skip[file.sha256]:
            to_skip[file.sha256] -= 1
        else:
            yield file


def compare(old: Side, new: Side, progress: Callable[[int], None] = lambda records: None) -> RecordChanges:
    """Compares the records of a config.

    Args:
        old, new: as `sides` gives them.
        progress: called with the number of records of each batch read.

    Raises:
        BuildError: a file is not what its report says, or cannot be read or fetched.
    """
    before, after = _hashes(old, progress), _hashes(new, progress)
    ids, one, other = np.intersect1d(before["id"], after["id"], assume_unique=True, return_indices=True)
    differ = {name: before[name][one] != after[name][other] for name in COMPARED}
    changed = np.logical_or.reduce(list(differ.values()))
    was, now = np.ones(len(before["id"]), bool), np.ones(len(after["id"]), bool)
    was[one[~changed]] = now[other[~changed]] = False
    return RecordChanges(
        added=np.setdiff1d(after["id"], ids, assume_unique=True),
        removed=np.setdiff1d(before["id"], ids, assume_unique=True),
        changed=ids[changed],
        columns={name: count for name, mask in differ.items() if (count := int(np.count_nonzero(mask)))},
        moved=int(np.count_nonzero(np.isin(_texts(after, now), _texts(before, was)))),
    )


def _hashes(side: Side, progress: Callable[[int], None]) -> dict[str, Hashes]:
    """Hashes of the cells by column."""
    parts: dict[str, list[Hashes]] = {name: [np.empty(0, np.uint64)] for name in ("id", *COMPARED)}
    if side.entry is not None:
        side.dataset.fetch(side.files)
        for batch in reader.batches(side.dataset.directory, side.entry, list(parts)):
            for name, hashes in parts.items():
                hashes.append(hash_texts(batch.column(name)))
            progress(batch.num_rows)
    return {name: np.concatenate(hashes) for name, hashes in parts.items()}


def _texts(hashes: Mapping[str, Hashes], mask: np.ndarray[Any, np.dtype[np.bool_]]) -> Hashes:
    """One number for the texts of each record of a mask."""
    return mixed([hashes[name][mask] for name in TEXTS])
