"""What becomes of each record: the rules that look at several records, then the first rule that drops it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from builders import catalogue
from builders.clean.duplicates import find
from builders.clean.inspect import StoredSketches, read_column
from builders.clean.pieces import Context, Piece, batches
from builders.clean.rules import contradictions, sides
from builders.clean.settings import BIT, CONTRADICTORY, DROPS, EXACT, NEAR, ORDER, REPAIRS
from builders.clean.texts.normalize import Payloads, normalize
from builders.clean.texts.payload import cells
from builders.clean.workers import Workers

_context: Context | None = None  # of this process


@dataclass(frozen=True)
class Decisions:
    """What becomes of the records of a dataset, in order.

    Args:
        rules: of each record, the bits of the rules that hit it, uint64.
        representative: number of the record that stands for a duplicate; -1 elsewhere, int64.
    """

    rules: np.ndarray
    representative: np.ndarray

    @property
    def decided(self) -> np.ndarray:
        """Of each record, the bit of the first rule that drops it; 0 where it stays, uint64."""
        return first_drop(self.rules)


def first_drop(rules: np.ndarray) -> np.ndarray:
    """The lowest bit of a rule that drops, uint64."""
    drops = rules & np.uint64(DROPS)
    first: np.ndarray = drops & (~drops + np.uint64(1))
    return first


def counts(rules: np.ndarray) -> dict[str, int]:
    """How many records have each rule's bit, in the rules' order; rules without any are left out."""
    values, numbers = np.unique(rules, return_counts=True)
    found = {rule.name: int(numbers[values & np.uint64(BIT[rule.name]) > 0].sum()) for rule in ORDER}
    return {name: count for name, count in found.items() if count}


def start(context: Context) -> None:
    """Keeps what every piece is looked at with in this process."""
    global _context
    _context = context


def here() -> Context:
    """What `start` kept."""
    assert _context is not None
    return _context


def decide(pieces: Sequence[Piece], found: Sequence[Path], context: Context, workers: Workers) -> Decisions:
    """Decides about all records of a dataset.

    Args:
        pieces: of the dataset, in order.
        found: the directory of what was found in each (`builders.clean.inspect`).
        context: has the rules.
        workers: read records again.
    """
    bounds = bounds_of(pieces)
    rules = read_column(found, "rules")
    configs: dict[str, list[int]] = {}
    for number, piece in enumerate(pieces):
        configs.setdefault(piece.config, []).append(number)
    for config, numbers in configs.items():
        if context.settings.is_on(CONTRADICTORY, config):
            first, last = numbers[0], numbers[-1] + 1
            _find_contradictions(rules[bounds[first] : bounds[last]], found[first:last])
    return Decisions(rules, _find_duplicates(pieces, found, bounds, rules, context, workers))


def bounds_of(pieces: Sequence[Piece]) -> np.ndarray:
    """Number of the first record of each piece, and of all records at the end, int64."""
    return np.concatenate(([0], np.cumsum([piece.rows for piece in pieces]))).astype(np.int64)


def by_piece(pieces: Sequence[Piece], bounds: np.ndarray, records: np.ndarray) -> list[tuple[Piece, np.ndarray]]:
    """Some records by the piece that holds them.

    Args:
        pieces: of the dataset, in order.
        bounds: theirs, as `bounds_of` gives them.
        records: numbers of records, ascending.

    Returns:
        A tuple for each piece; the records are numbered from its first.
    """
    places = np.searchsorted(records, bounds)
    return [
        (piece, records[one:other] - first)
        for piece, first, one, other in zip(pieces, bounds.tolist(), places, places[1:], strict=False)
    ]


def _find_contradictions(rules: np.ndarray, found: Sequence[Path]) -> None:
    """Adds the bit of contradictions to the records of one config, among those that stay so far."""
    questions, answers = (read_column(found, name) for name in ("questions", "answers"))
    stay = np.flatnonzero(first_drop(rules) == 0)
    against = contradictions.find_contradictions(questions[stay], answers[stay])
    rules[stay[against]] |= np.uint64(BIT[CONTRADICTORY.name])


def _find_duplicates(
    pieces: Sequence[Piece],
    found: Sequence[Path],
    bounds: np.ndarray,
    rules: np.ndarray,
    context: Context,
    workers: Workers,
) -> np.ndarray:
    """Adds the bits of duplicates, among the records that stay so far; returns the representatives."""
    nowhere: np.ndarray = np.full(len(rules), -1, np.int64)
    kinds = {find.EXACT: EXACT.name, find.NEAR: NEAR.name}
    kinds = {kind: name for kind, name in kinds.items() if name in context.settings.thresholds}
    if not kinds:
        return nowhere
    length = read_column(found, "sketch_length")
    length[first_drop(rules) != 0] = 0  # a record without text equals none

    def fetch(records: np.ndarray) -> Payloads:
        return Payloads.joined(list(workers.map(payload_of, by_piece(pieces, bounds, records))))

    quality = np.concatenate([np.full(piece.rows, quality_of(piece.config), np.uint8) for piece in pieces])
    quality[(rules & np.uint64(REPAIRS)) != 0] += 1
    result = find.find(StoredSketches(found, length), quality, fetch)
    removed = np.zeros(len(rules), bool)
    for kind, name in kinds.items():
        rules[result.kind == kind] |= np.uint64(BIT[name])
        removed |= result.kind == kind
    return np.where(removed, result.representative, nowhere)


def quality_of(config: str) -> int:
    """Which of two equal records stays: the one under the freer license, then one that no machine aligned; 0 is best.

    The odd numbers are for records that had to be repaired.
    """
    license = catalogue.TASK_CONFIGS[config][0].license
    terms = 2 if not license.commercial else 1 if license.share_alike else 0
    return 4 * terms + 2 * (config in sides.ALIGNED)


def payload_of(task: tuple[Piece, np.ndarray]) -> Payloads:
    """Payload of some records of a piece, after repairs, in a worker.

    Args:
        task: the piece, and numbers of records in it, ascending.
    """
    piece, numbers = task
    parts = [normalize([pa.array([], pa.string())] * 3)]
    for batch in batches(piece, here(), numbers) if len(numbers) else ():
        parts.append(normalize(cells(batch.repaired, piece.templates)))
    return Payloads.joined(parts)


def ids_of(task: tuple[Piece, np.ndarray]) -> pa.Array:
    """Ids of some records of a piece, in a worker.

    Args:
        task: the piece, and numbers of records in it.
    """
    piece, numbers = task
    if not len(numbers):
        return pa.array([], pa.string())
    column = pq.read_table(piece.path, columns=["id"], use_threads=False).column("id")
    return column.take(pa.array(numbers, pa.int64())).combine_chunks()
