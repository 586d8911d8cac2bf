"""Figures of a built dataset, read as a stream: lengths, the share of Japanese, and records that sources have in common.

Memory: one row group, one counter per length that occurs, and a fingerprint of 8 bytes per record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from builders.schema import TEXTS
from builders.tree import lengths, reader
from builders.tree.hashes import Hashes, hash_records
from builders.tree.report import Report

Lengths = np.ndarray[Any, np.dtype[np.int64]]

LengthOf = Callable[[pa.StringArray], Lengths]
"""Measures texts: an array of strings to an array of as many whole numbers."""


def characters(texts: pa.StringArray) -> Lengths:
    """Lengths in characters (Unicode code points)."""
    return np.asarray(pc.utf8_length(texts), np.int64)


class Distribution:
    """How many texts have which length; exact, whatever their number."""

    def __init__(self, counts: Sequence[int] | Lengths = ()):
        self.counts = np.asarray(counts, dtype=np.int64)

    def __add__(self, other: Distribution) -> Distribution:
        size = max(len(self.counts), len(other.counts))
        mine, others = (np.pad(part.counts, (0, size - len(part.counts))) for part in (self, other))
        return Distribution(mine + others)

    @classmethod
    def of(cls, measured: Lengths) -> Distribution:
        """Of the lengths of some texts."""
        return cls(np.bincount(measured).astype(np.int64))

    @property
    def total(self) -> int:
        """Sum of the lengths."""
        return int(self.counts @ np.arange(len(self.counts)))

    @property
    def mean(self) -> float:
        """Mean length; 0 for no texts."""
        return self.total / max(int(self.counts.sum()), 1)

    @property
    def median(self) -> float:
        """Median length, halfway between the two middle ones of an even number of texts; 0 for no texts."""
        texts = int(self.counts.sum())
        if not texts:
            return 0.0
        reached = np.cumsum(self.counts)
        middle = np.searchsorted(reached, [(texts - 1) // 2, texts // 2], side="right")
        return float(middle.mean())

    def histogram(self) -> list[int]:
        """Texts per bin of `builders.tree.lengths.EDGES`."""
        reached = [edge for edge in lengths.EDGES if edge < len(self.counts)]
        return np.add.reduceat(self.counts, reached).tolist() if reached else []


@dataclass(frozen=True)
class Figures:
    """What is counted of a config.

    Args:
        records: number of records.
        lengths: distribution of lengths, by column (`input`, `output`).
        japanese: characters of both columns that are Japanese (see `count_japanese`).
        characters: all characters of both columns.
    """

    records: int = 0
    lengths: Mapping[str, Distribution] = field(default_factory=lambda: dict.fromkeys(lengths.COUNTED, Distribution()))
    japanese: int = 0
    characters: int = 0

    def __add__(self, other: Figures) -> Figures:
        return Figures(
            self.records + other.records,
            {name: self.lengths[name] + other.lengths[name] for name in lengths.COUNTED},
            self.japanese + other.japanese,
            self.characters + other.characters,
        )


@dataclass(frozen=True)
class Statistics:
    """Figures of a built dataset: by task config; and the records that sources share or repeat."""

    configs: Mapping[str, Figures]
    duplicates: Duplicates


def measure(directory: Path, report: Report, length_of: LengthOf, progress: Callable[[int], None]) -> Statistics:
    """Reads all records of a built dataset once.

    Args:
        directory: the output directory.
        report: its report.
        length_of: `characters`, or the tokens of a tokenizer (`builders.tree.tokens`).
        progress: called with the number of records of each batch.

    Raises:
        BuildError: a file of the dataset cannot be read.
    """
    configs: dict[str, Figures] = {}
    prints: list[tuple[str, Hashes]] = []
    for name, entry in report.configs.items():
        figures = Figures()
        for batch in reader.batches(directory, entry, TEXTS):
            figures += _figures(batch, length_of)
            prints.append((entry.corpus, hash_records(batch)))
            progress(batch.num_rows)
        configs[name] = figures
    return Statistics(configs, find_duplicates(prints))


def _figures(batch: pa.RecordBatch, length_of: LengthOf) -> Figures:
    columns = {name: batch.column(name) for name in lengths.COUNTED}
    counted = [count_japanese(column) for column in columns.values()]
    measured = {name: Distribution.of(length_of(column)) for name, column in columns.items()}
    return Figures(batch.num_rows, measured, *map(sum, zip(*counted, strict=True)))


def count_japanese(texts: pa.StringArray) -> tuple[int, int]:
    """Counts kana, kanji and Japanese punctuation (U+3000 to U+9FFF), and all characters.

    The texts are UTF-8, where those begin with the bytes E3 to E9, and every character has one byte that is none of
    80 to BF (-128 to -65, read with a sign); so two comparisons of the raw bytes are enough.
    """
    _, offsets, data = texts.buffers()
    if not len(texts) or data is None:
        return 0, 0
    bounds = np.frombuffer(offsets, np.int32)[[texts.offset, texts.offset + len(texts)]]
    content = np.frombuffer(data, np.uint8)[slice(*bounds)]
    japanese = np.count_nonzero(content - np.uint8(0xE3) <= 6)  # wraps around below E3
    return int(japanese), int(np.count_nonzero(content.view(np.int8) > -65))


@dataclass(frozen=True)
class Duplicates:
    """Records that are equal in instruction, input and output.

    Args:
        repeated: by source, records that the source has had before.
        shared: by source, records that another source has too.
        pairs: by pair of sources in alphabetical order, different records that both have; the largest first.
    """

    repeated: Mapping[str, int]
    shared: Mapping[str, int]
    pairs: Mapping[tuple[str, str], int]


def find_duplicates(prints: Sequence[tuple[str, Hashes]]) -> Duplicates:
    """Compares fingerprints within and between sources.

    Args:
        prints: source and fingerprints, in any order; a source may come several times. At most 256 sources.
    """
    names = sorted({source for source, _ in prints})
    marked = [numbers & _RECORD | np.uint64(names.index(source)) for source, numbers in prints]
    different, counts = np.unique(np.concatenate([np.array([], np.uint64), *marked]), return_counts=True)
    records, sources = different & _RECORD, (different & ~_RECORD).astype(np.intp)
    common = np.zeros(len(records), bool)
    common[1:] |= records[1:] == records[:-1]
    common[:-1] |= common[1:]
    return Duplicates(
        dict(zip(names, np.bincount(sources, counts - 1).astype(int).tolist(), strict=True)),
        dict(zip(names, np.bincount(sources, counts * common).astype(int).tolist(), strict=True)),
        _count_pairs(records[common], [names[source] for source in sources[common]]),
    )


_RECORD = ~np.uint64(255)  # the last byte of a fingerprint makes room for the number of its source


def _count_pairs(records: Hashes, sources: list[str]) -> dict[tuple[str, str], int]:
    frame = pl.DataFrame({"record": records, "source": sources}, schema={"record": pl.UInt64, "source": pl.String})
    pairs = (
        frame.join(frame, on="record", suffix="_other")
        .filter(pl.col("source") < pl.col("source_other"))
        .group_by("source", "source_other")
        .len("records")
        .sort(["records", "source", "source_other"], descending=[True, False, False])
    )
    return {(one, other): records for one, other, records in pairs.iter_rows()}
