"""Keys of raw rows that come again: the first row with a key counts, the others are rejected.

Ids are made of keys, so a key that comes again would be an id that stands twice in the dataset. Nearly no file has one.
So a shard is written with only the hashes of its keys kept, 8 bytes a row; where a hash repeats, it is written once more,
and the rows with these hashes are compared by their keys.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from builders.rows import KEY, RejectedRow, Rows
from builders.tree.hashes import Hashes, hash_texts, pieces, repeated

REASON = "an earlier row has the same key"


class KeyHashes:
    """Hashes of the keys of rows, by record type."""

    def __init__(self) -> None:
        self._hashes: dict[str, list[Hashes]] = defaultdict(list)

    def add(self, rows: Rows) -> None:
        """Adds the keys of rows."""
        self._hashes[rows.record_type].append(hash_texts(rows.batch.column(KEY)))

    def together(self) -> dict[str, Hashes]:
        """All hashes, ascending, by record type."""
        return {record_type: np.sort(np.concatenate(hashes)) for record_type, hashes in self._hashes.items()}


class KeyFilter:
    """Rejects rows whose key an earlier row of the shard, or of an earlier shard, has.

    Args:
        suspected: hashes that come more than once in the shard, ascending, by record type.
        taken: hashes of keys that earlier shards have. That two different keys of ten million have the same hash, and
            one of them is rejected without cause, has a chance of 1 in 300,000.
    """

    def __init__(self, suspected: Mapping[str, Hashes], taken: Mapping[str, Hashes]):
        self._suspected, self._taken = suspected, taken
        self._seen: set[tuple[str, str]] = set()

    def apply(self, rows: Rows) -> Rows:
        """The rows whose key is new, with the others among the rejected."""
        hashes = hash_texts(rows.batch.column(KEY))
        again = np.isin(hashes, self._taken.get(rows.record_type, ()))
        for index in np.flatnonzero(np.isin(hashes, self._suspected.get(rows.record_type, ()))).tolist():
            key = (rows.record_type, rows.batch.column(KEY)[index].as_py())
            again[index] |= key in self._seen
            self._seen.add(key)
        if not again.any():
            return rows
        refused = rows.batch.filter(pa.array(again)).to_pylist()
        rejected = tuple(RejectedRow(row[KEY], REASON, "\t".join(map(str, row.values()))) for row in refused)
        return replace(rows, batch=rows.batch.filter(pa.array(~again)), rejected=rows.rejected + rejected)


def repeated_in(hashes: Mapping[str, Hashes]) -> dict[str, Hashes]:
    """The hashes that come more than once, by record type; record types without any are left out.

    Args:
        hashes: ascending, by record type.
    """
    found = {name: repeated(values) for name, values in hashes.items()}
    return {name: values for name, values in found.items() if values.size}


def repeated_across(shards: Sequence[Mapping[str, Hashes]]) -> dict[str, Hashes]:
    """The hashes that come more than once in several shards together, by record type, as `repeated_in`.

    Args:
        shards: hashes that come once in the shard, ascending, by record type.
    """
    found = {}
    for record_type in {name for shard in shards for name in shard}:
        cut = [pieces(shard[record_type]) for shard in shards if record_type in shard]
        parts = [repeated(np.sort(np.concatenate(piece))) for piece in zip(*cut, strict=True)]
        found[record_type] = np.concatenate(parts)
    return {name: values for name, values in found.items() if values.size}


def merge(shards: Iterable[Mapping[str, Hashes]]) -> dict[str, Hashes]:
    """The hashes of several shards, ascending, by record type."""
    together: dict[str, list[Hashes]] = defaultdict(list)
    for shard in shards:
        for record_type, hashes in shard.items():
            together[record_type].append(hashes)
    return {record_type: np.sort(np.concatenate(hashes)) for record_type, hashes in together.items()}


def save(hashes: Mapping[str, Hashes], path: Path) -> None:
    """Writes hashes beside a finished shard."""
    with open(path, "wb") as file:
        np.savez(file, allow_pickle=False, **hashes)


def load(path: Path) -> dict[str, Hashes]:
    """Reads what `save` wrote."""
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}
