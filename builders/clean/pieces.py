"""A piece of work of the curated edition: one Parquet file of a built dataset, and its records a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from builders import catalogue
from builders.clean.overlap.benchmarks import Benchmark
from builders.clean.overlap.index import Index
from builders.clean.rules import RULES, Kind, Rule
from builders.clean.settings import Settings
from builders.corpus import Template
from builders.schema import COLUMNS

ROWS_PER_BATCH = 8_192
"""Records looked at together: their arrays stay in the processor's cache."""
TEXTS = ("instruction", "input", "output")
"""The columns that a repair may change."""


@dataclass(frozen=True)
class Piece:
    """One Parquet file of a built dataset.

    Args:
        config: its task config.
        number: of the file in the config.
        path: where it lies.
        rows: number of records.
    """

    config: str
    number: int
    path: Path
    rows: int

    @property
    def name(self) -> str:
        """Unique in the dataset."""
        return f"{self.config}-{self.number:05d}"

    @property
    def is_translation(self) -> bool:
        """Whether its task translates."""
        return self.config.startswith(catalogue.TRANSLATION)

    @property
    def templates(self) -> tuple[Template, ...]:
        """Of its task."""
        return catalogue.TASK_CONFIGS[self.config][1].templates


@dataclass(frozen=True)
class Context:
    """What every piece is looked at with.

    Args:
        settings: the rules.
        benchmarks: without their items, which are in the index.
        benchmark_of: number of the benchmark of each item of the index.
        index: the benchmarks' items; None where there are none.
    """

    settings: Settings
    benchmarks: tuple[Benchmark, ...]
    benchmark_of: np.ndarray
    index: Index | None

    def rules(self, config: str, *kinds: Kind) -> list[Rule]:
        """The rules of some kinds that look at a task config, in order."""
        return [rule for rule in RULES if rule.kind in kinds and self.settings.is_on(rule, config)]


@dataclass(frozen=True)
class Batch:
    """Some records of a piece, one after another.

    Args:
        first: number of the first of them in the piece.
        raw: as they are built.
        repaired: after all repairs.
        steps: by repair, the records before it; what a repair changed is between its own and the next.
    """

    first: int
    raw: pa.RecordBatch
    repaired: pa.RecordBatch
    steps: Mapping[str, pa.RecordBatch]

    def changes(self) -> Iterator[tuple[str, str, np.ndarray, pa.Array, pa.Array]]:
        """What repairs changed: rule, column, mask of the records, the column before and after."""
        after = [*self.steps.values(), self.repaired][1:]
        for (name, before), now in zip(self.steps.items(), after, strict=True):
            for column in TEXTS:
                one, other = before.column(column), now.column(column)
                if one is not other:
                    mask = pc.not_equal(one, other).to_numpy(zero_copy_only=False)
                    if mask.any():
                        yield name, column, mask, one, other


def batches(piece: Piece, context: Context, numbers: np.ndarray | None = None) -> Iterator[Batch]:
    """Reads a piece and repairs its records.

    Args:
        piece: what is read.
        context: has the repairs.
        numbers: the records that are wanted, ascending; all if None. Batches without any are left out, and a batch's
            records do not follow one another.
    """
    first = 0
    with pq.ParquetFile(piece.path) as file:
        for raw in file.iter_batches(ROWS_PER_BATCH, columns=list(COLUMNS), use_threads=False):
            count = raw.num_rows
            if numbers is not None:
                mine = numbers[slice(*np.searchsorted(numbers, [first, first + count]))]
                raw = raw.take(pa.array(mine - first, pa.int64()))
            if raw.num_rows:
                yield _repaired(raw, first, context.rules(piece.config, Kind.REPAIR), context.settings)
            first += count


def _repaired(raw: pa.RecordBatch, first: int, repairs: Sequence[Rule], settings: Settings) -> Batch:
    repaired, steps = raw, {}
    for rule in repairs:
        assert rule.repair is not None
        steps[rule.name] = repaired
        repaired = rule.repair(repaired, settings.thresholds[rule.name])
    return Batch(first, raw, repaired, steps)
