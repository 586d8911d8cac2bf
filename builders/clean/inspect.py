"""The first look at a piece: all rules that need no other record, and what those that do are to compare.

What was found is written as arrays to a directory of its own, so that a clean build that was stopped uses it again.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.compute as pc

from builders.clean.duplicates.sketches import Sketches
from builders.clean.overlap.benchmarks import own_items
from builders.clean.overlap.leaks import leaks
from builders.clean.pieces import Batch, Context, Piece, batches
from builders.clean.rules import Kind, contradictions, sides
from builders.clean.rules.sides import KnownScores
from builders.clean.settings import BIT, CONTRADICTORY, ITEM, OVERLAP
from builders.clean.texts.normalize import Payloads, normalize
from builders.clean.texts.payload import cells
from builders.files import finishing, is_finished

ARRAYS = "found.npz"
SKETCH = ("key", "raw", "cells", "slots", "length")
PAIR_SCORE = "pair-score"


@dataclass(frozen=True)
class Found:
    """What was found in the records of a piece.

    Args:
        rules: of each record, the bits of the rules that hit it, uint64.
        score: of each record, its pair score, float32; NaN where it is no pair.
        sketches: of each record.
        questions, answers: of each record, keys for contradictions, uint64; empty where the config has none.
        own: of each record, the number of the benchmark it is an item of, int16; -1 where it is none.
        hits: places of items in records, one a row: record, item, first character, end (of the normalized payload),
            and the score in millionths; int64 of shape (hits, 5). The best item of each record.
    """

    rules: np.ndarray
    score: np.ndarray
    sketches: Sketches
    questions: np.ndarray
    answers: np.ndarray
    own: np.ndarray
    hits: np.ndarray


def inspect(piece: Piece, context: Context, directory: Path) -> Path:
    """Looks at a piece, or leaves what an earlier run found in it.

    Args:
        piece: what to look at.
        context: the rules and the benchmarks.
        directory: appears when all of it is written.

    Returns:
        The directory.
    """
    if is_finished(directory):
        return directory
    found = _look(piece, context)
    with finishing(directory) as temporary:
        arrays = {name: value for name, value in vars(found).items() if name != "sketches"}
        arrays |= {f"sketch_{name}": getattr(found.sketches, name) for name in SKETCH}
        with open(temporary / ARRAYS, "wb") as file:
            np.savez(file, allow_pickle=False, **arrays)
    return directory


def load(directory: Path) -> Found:
    """Reads what `inspect` wrote."""
    with np.load(directory / ARRAYS, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    sketches = Sketches(*(arrays.pop(f"sketch_{name}") for name in SKETCH))
    return Found(sketches=sketches, **arrays)


@dataclass(frozen=True)
class StoredSketches:
    """The sketches of all records, read from the files of all pieces a column at a time: together they are 600 MB of 8.4
    million records.

    Args:
        directories: of what was found in each piece.
        length: the column that every step needs; the caller may have changed it.
    """

    directories: Sequence[Path]
    length: np.ndarray

    @property
    def key(self) -> np.ndarray:
        """As in `Sketches`."""
        return read_column(self.directories, "sketch_key")

    @property
    def raw(self) -> np.ndarray:
        """As in `Sketches`."""
        return read_column(self.directories, "sketch_raw")

    @property
    def cells(self) -> np.ndarray:
        """As in `Sketches`."""
        return read_column(self.directories, "sketch_cells")

    @property
    def slots(self) -> np.ndarray:
        """As in `Sketches`."""
        return read_column(self.directories, "sketch_slots")


def read_column(directories: Sequence[Path], name: str) -> np.ndarray:
    """One array of what was found, of all pieces one after another; it is never held twice.

    Args:
        directories: of what was found in each piece.
        name: a field of `Found`, or `sketch_` and a field of `Sketches`.
    """
    shapes = [_shape(directory, name) for directory in directories]
    ends = np.cumsum([shape[0] for shape, _ in shapes]).tolist()
    column = np.empty((ends[-1], *shapes[0][0][1:]), shapes[0][1])
    for directory, (shape, _), end in zip(directories, shapes, ends, strict=True):
        with np.load(directory / ARRAYS, allow_pickle=False) as file:
            column[end - shape[0] : end] = file[name]
    return column


def _shape(directory: Path, name: str) -> tuple[tuple[int, ...], np.dtype]:
    """Shape and type of an array, without reading it."""
    with zipfile.ZipFile(directory / ARRAYS) as file, file.open(f"{name}.npy") as array:
        np.lib.format.read_magic(array)
        shape, _, dtype = np.lib.format.read_array_header_1_0(array)
    return shape, dtype


def _look(piece: Piece, context: Context) -> Found:
    rules = np.zeros(piece.rows, np.uint64)
    score = np.full(piece.rows, np.nan, np.float32)
    own = np.full(piece.rows, -1, np.int16)
    asks = context.settings.is_on(CONTRADICTORY, piece.config)
    keys = {name: np.zeros(piece.rows if asks else 0, np.uint64) for name in ("questions", "answers")}
    sketches, hits, known = Sketches.room(piece.rows), [np.zeros((0, 5), np.int64)], KnownScores()
    for batch in batches(piece, context):
        here = slice(batch.first, batch.first + batch.raw.num_rows)
        rules[here] |= _changed(batch)
        _apply_rules(piece, context, batch, rules[here], score[here], known)
        for number, mask in own_items(batch.raw.column("id"), piece.config, context.benchmarks):
            own[here][mask] = number
        texts = cells(batch.repaired, piece.templates)
        payloads = normalize(texts)
        sketches.put(batch.first, Sketches.of(payloads, texts))
        hits.append(best_hits(context, payloads) + np.array([batch.first, 0, 0, 0, 0]))
        if asks:
            made = contradictions.make_keys(batch.repaired)
            keys["questions"][here], keys["answers"][here] = made["question"], made["answer"]
    all_hits = np.concatenate(hits)
    _mark(rules, context, ITEM.name, own >= 0)
    others = all_hits[own[all_hits[:, 0]] < 0, 0]
    _mark(rules, context, OVERLAP.name, np.isin(np.arange(piece.rows), others))
    return Found(rules, score, sketches, own=own, hits=all_hits, **keys)


def _mark(rules: np.ndarray, context: Context, name: str, mask: np.ndarray) -> None:
    if name in context.settings.thresholds:
        rules[mask] |= np.uint64(BIT[name])


def _changed(batch: Batch) -> np.ndarray:
    """Bits of the repairs that changed each record."""
    bits = np.zeros(batch.raw.num_rows, np.uint64)
    for name, _, mask, _, _ in batch.changes():
        bits[mask] |= np.uint64(BIT[name])
    return bits


def _apply_rules(
    piece: Piece, context: Context, batch: Batch, rules: np.ndarray, score: np.ndarray, known: KnownScores
) -> None:
    """Adds the bits of all rules that drop or mark, and the pair scores."""
    scores = sides.score_translations(batch.repaired, known) if piece.is_translation else None
    for rule in context.rules(piece.config, Kind.DROP, Kind.MARK):
        thresholds = context.settings.thresholds[rule.name]
        if rule.name == PAIR_SCORE and scores is not None:
            hits = sides.low_scores(batch.repaired, scores, thresholds)
        else:
            assert rule.find is not None
            hits = rule.find(batch.repaired, thresholds)
        rules[pc.fill_null(hits.mask, False).to_numpy(zero_copy_only=False)] |= np.uint64(BIT[rule.name])
    if scores is not None:
        score[:] = scores.to_numpy(zero_copy_only=False)


def best_hits(context: Context, payloads: Payloads) -> np.ndarray:
    """For each record that holds items, the best of them: rows as in `Found.hits`."""
    if context.index is None:
        return np.zeros((0, 5), np.int64)
    hits = leaks(context.index, payloads)
    order = np.lexsort((hits.text, -hits.score, hits.record))
    order = order[np.unique(hits.record[order], return_index=True)[1]]
    columns = (hits.record, context.index.item[hits.text], hits.start, hits.end, np.rint(hits.score * 1e6))
    return np.column_stack([column[order].astype(np.int64) for column in columns])
