"""Records that are equal to one before them in their config: each shard keeps hashes of its records for this count.

They are kept in pieces by their first bits: of all shards of a config only one piece each lies in memory at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from builders.build import keys
from builders.tree.hashes import PIECES, Hashes, distinct, hash_records, pieces


class RecordHashes:
    """Hashes of a shard's records: 8 bytes each."""

    def __init__(self) -> None:
        self._hashes: list[Hashes] = []

    def add(self, batches: Iterable[pa.RecordBatch]) -> None:
        """Adds the records of some batches; constant columns may be dictionary-encoded."""
        self._hashes += [hash_records(batch) for batch in batches]

    def save(self, path: Path) -> None:
        """Writes each different hash once."""
        parts = pieces(_different(self._hashes))
        keys.save({str(number): piece for number, piece in enumerate(parts)}, path)


def count_different(shards: Sequence[Path]) -> int:
    """Number of different records in several shards together.

    Args:
        shards: what `RecordHashes.save` wrote of each.
    """
    return sum(_different([_piece(path, number) for path in shards]).size for number in range(PIECES))


def _piece(path: Path, number: int) -> Hashes:
    with np.load(path, allow_pickle=False) as file:
        return np.asarray(file[str(number)])


def _different(parts: Sequence[Hashes]) -> Hashes:
    """Each hash once, ascending."""
    return distinct(np.concatenate([np.empty(0, np.uint64), *parts]))
