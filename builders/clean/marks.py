"""Marks: what was found in each record of a built dataset, row for row with its Parquet files. Flat columns only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import orjson
import pyarrow as pa

from builders.clean.pieces import Batch, Piece
from builders.clean.settings import BIT, ORDER
from builders.clean.texts.payload import CELLS, cells
from builders.clean.texts.spans import locate

SEPARATOR = " "
"""Between the names of rules."""
LOCATED = 2_000
"""Benchmark hits of a file whose place in the record is looked up; more of them are a template, and show nothing new."""
MEANING = {
    "id": "The record.",
    "rules": "Names of all rules that hit it, in their order.",
    "dropped_by": "The first of them that drops it; empty for a record of the curated edition.",
    "pair_score": "How likely the two sides of a translation say the same, 0 to 1; null for another task.",
    "representative": "Id of the record that stays in the place of this duplicate; else empty.",
    "benchmark": "The benchmark whose item it is or holds; else empty.",
    "item": "The item's key; empty where the record is the item itself.",
    "item_score": "Covered share of the item, weighted by rarity; null without an item.",
    "item_column": "The column that holds the item, or the first of several; empty where it was not looked up.",
    "item_start": "The first character of the item in that column, from 0; null where it was not looked up.",
    "item_end": "The character behind its last.",
    "repairs": "What repairs changed: a JSON list of rule, column, before and after; else empty.",
}
"""What a column holds, by its name."""
_TYPES = {"pair_score": pa.float32(), "item_score": pa.float32(), "item_start": pa.int32(), "item_end": pa.int32()}
SCHEMA = pa.schema([pa.field(name, _TYPES.get(name, pa.string()), nullable=name in _TYPES) for name in MEANING])


def rule_names(rules: np.ndarray) -> pa.Array:
    """Names of the rules of each number of bits, joined."""
    values, places = np.unique(rules, return_inverse=True)
    names = [SEPARATOR.join(rule.name for rule in ORDER if int(value) & BIT[rule.name]) for value in values]
    return pa.array(names, pa.string()).take(pa.array(places))


def with_mask(mask: np.ndarray, values: pa.Array) -> pa.Array:
    """A column of texts that has values, in order, where the mask is true, and else nothing."""
    places = np.cumsum(mask) - 1
    column = values.take(pa.array(np.where(mask, places, 0), mask=~mask)) if len(values) else None
    return column.fill_null("") if column is not None else pa.array([""] * len(mask), pa.string())


class Spans:
    """Where the benchmark hits of a piece stand in the records' columns."""

    def __init__(self, piece: Piece):
        self._piece, self._left = piece, LOCATED

    def columns(
        self, batch: Batch, hits: np.ndarray, own: np.ndarray
    ) -> tuple[list[str], list[int | None], list[int | None]]:
        """Column, start and end of the hits of a batch; records that are items themselves are not looked up.

        Args:
            batch: the records.
            hits: rows of `Found.hits` of this batch, with the record's number in it.
            own: numbers of the records that are items.
        """
        count = batch.raw.num_rows
        names: list[str] = [""] * count
        starts: list[int | None] = [None] * count
        ends: list[int | None] = [None] * count
        looked_up = hits[~np.isin(hits[:, 0], own)][: self._left]
        self._left -= len(looked_up)
        columns = cells(batch.repaired.take(pa.array(looked_up[:, 0])), self._piece.templates)
        texts = list(zip(*(column.to_pylist() for column in columns), strict=True))
        found = locate(texts, looked_up[:, 2], looked_up[:, 3])
        for record, spans in zip(looked_up[:, 0].tolist(), found, strict=True):
            for span in spans[:1]:
                names[record], starts[record], ends[record] = CELLS[span.cell], span.start, span.end
        return names, starts, ends


def repairs(batch: Batch) -> pa.Array:
    """The column `repairs` of a batch."""
    made: dict[int, list[dict[str, str]]] = {}
    for name, column, mask, before, after in batch.changes():
        numbers = np.flatnonzero(mask)
        texts = (part.take(pa.array(numbers)).to_pylist() for part in (before, after))
        for number, one, other in zip(numbers.tolist(), *texts, strict=True):
            made.setdefault(number, []).append({"rule": name, "column": column, "before": one, "after": other})
    return pa.array([_json(made.get(number)) for number in range(batch.raw.num_rows)], pa.string())


def _json(entries: Sequence[dict[str, str]] | None) -> str:
    return orjson.dumps(entries).decode() if entries else ""
