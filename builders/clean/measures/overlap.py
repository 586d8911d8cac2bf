"""Benchmark overlap: labelled pairs of an item and a record, and items put into records in many ways."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pyarrow as pa

from builders.clean.evaluate import Row, labelled
from builders.clean.measures.edits import PLACEMENTS, TEXT_EDITS, Cells
from builders.clean.overlap.index import SHORTEST, Index
from builders.clean.overlap.items import Item
from builders.clean.overlap.leaks import leaks
from builders.clean.texts.normalize import normalize

RULE = "overlap"
SEED = 20230522
INJECTED = 2_000
"""Edited items of each kind."""
LENGTHS = (8, 10, 12, 16, 20, 40, 1 << 30)
"""Bounds of the classes of length that are measured apart, in normalized characters of the longest text."""


def measure() -> list[Row]:
    """Rows for labelled pairs, for each edit and placement of injected items, and for each class of length."""
    return [_labelled(), *_injected(_items())]


def _items() -> list[Item]:
    """All items of the labelled data."""
    items = []
    for number, case in enumerate(labelled(RULE)):
        item = case["item"]
        items.append(
            Item(
                "labelled",
                str(number),
                item.get("question", ""),
                item.get("answer", ""),
                "",
                tuple(item.get("sides", ())),
            )
        )
    return items


def _labelled() -> Row:
    items = _items()
    cases = labelled(RULE)
    found = _found(Index(items), [tuple(case["record"]) for case in cases], range(len(items)))
    return Row.of(RULE, "labelled", [case["leak"] for case in cases], found)


def _found(index: Index, records: Sequence[Cells], items: Sequence[int]) -> list[bool]:
    """Whether each record is a hit of its own item."""
    payloads = normalize([pa.array(column, pa.string()) for column in zip(*records, strict=True)])
    hits = leaks(index, payloads)
    found = set(zip(hits.record.tolist(), index.item[hits.text].tolist(), strict=True))
    return [(number, item) in found for number, item in enumerate(items)]


def _injected(items: Sequence[Item]) -> list[Row]:
    index = Index(items)
    lengths = {int(item): 0 for item in index.item}
    for item, length in zip(index.item.tolist(), index.lengths.tolist(), strict=True):
        lengths[item] = max(lengths[item], length)
    rows: list[Row] = []
    by_length: dict[tuple[str, int], list[bool]] = {}
    for place, put in PLACEMENTS.items():
        for name, edit in TEXT_EDITS.items():
            draw = random.Random(f"{SEED} {place} {name}")
            chosen = draw.choices(sorted(lengths), k=INJECTED)
            texts = [_two_texts(items[item]) for item in chosen]
            records = [put(edit(first, draw), edit(second, draw), draw) for first, second in texts]
            found = _found(index, records, chosen)
            rows.append(Row.of(RULE, f"{name}, {place}", [True] * len(found), found))
            for item, is_found in zip(chosen, found, strict=True):
                by_length.setdefault((name, _class(lengths[item])), []).append(is_found)
    for (name, start), found in sorted(by_length.items(), key=lambda entry: (entry[0][0], entry[0][1])):
        if name.startswith("10 %"):
            rows.append(Row.of(RULE, f"{name}, from {start} characters", [True] * len(found), found))
    return rows


def _two_texts(item: Item) -> tuple[str, str]:
    return (item.question, item.answer) if item.question else (item.sides[0], item.sides[1])


def _class(length: int) -> int:
    """Least length of the class that a length is in."""
    return max(start for start in LENGTHS if start <= max(length, SHORTEST))
