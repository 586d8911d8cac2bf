"""Benchmark overlap in real records: what the rule finds in a built dataset, beside what a person said of it.

    python -m builders.clean.evaluate overlap --built DIR

A line of `labelled/overlap-found.jsonl` is an item and a record, by their ids (the license of most does not let their
texts stand here), and whether the record really holds the item. They are all that the rule found, in this version or
one before, without the question being there to the last character, among the records of all raw files at hand. The
items are those of the dataset's own benchmarks, and of benchmarks made of training questions of jcommonsenseqa.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from builders import catalogue
from builders.clean.evaluate import Row, labelled
from builders.clean.overlap import items
from builders.clean.overlap.benchmarks import collect
from builders.clean.overlap.index import Index
from builders.clean.overlap.items import Item
from builders.clean.overlap.leaks import leaks
from builders.clean.texts.normalize import normalize
from builders.clean.texts.payload import CELLS, cells
from builders.tree import reader, report
from builders.tree.report import Report

FILE = "overlap-found"
CONFIG = "knowledge-jcommonsenseqa"
TRAINING = {"3000-4999": "[34]", "5000-6999": "[56]", "7000-8938": "[78]"}
"""Numbers of the training questions of each made benchmark, and what their thousands match."""


def measure_found(directory: Path) -> list[Row]:
    """A row for each benchmark that the dataset has items of.

    Args:
        directory: a built dataset; labelled records that it lacks are left out.
    """
    content = report.load_known(directory)
    texts = _texts(directory, content, {case["record"] for case in labelled(FILE)})
    rows = []
    for name, its_items in _benchmarks(directory, content).items():
        keys = {item.key for item in its_items}
        cases = [case for case in labelled(FILE) if case["item"] in keys and case["record"] in texts]
        if cases:
            found = _found(Index(its_items), cases, texts)
            rows.append(Row.of("overlap", f"real, {name}", [case["leak"] for case in cases], found))
    return rows


def _found(index: Index, cases: Sequence[Mapping[str, Any]], texts: Mapping[str, Sequence[str]]) -> list[bool]:
    """Whether each record is a hit of the item beside it."""
    columns = zip(*(texts[case["record"]] for case in cases), strict=True)
    hits = leaks(index, normalize([pa.array(column, pa.string()) for column in columns]))
    numbers = index.item[hits.text].tolist()
    found = {(record, index.items[number].key) for record, number in zip(hits.record.tolist(), numbers, strict=True)}
    return [(record, case["item"]) in found for record, case in enumerate(cases)]


def _texts(directory: Path, content: Report, ids: set[str]) -> dict[str, tuple[str, ...]]:
    """Payload of some records, by id."""
    wanted, texts = pa.array(sorted(ids)), dict[str, tuple[str, ...]]()
    for config, entry in content.built.items():
        templates = catalogue.TASK_CONFIGS[config][1].templates
        for batch in reader.batches(directory, entry, (*CELLS, "task", "id")):
            chosen = batch.filter(pc.is_in(batch.column("id"), wanted))
            columns = [column.to_pylist() for column in cells(chosen, templates)]
            texts.update(zip(chosen.column("id").to_pylist(), zip(*columns, strict=True), strict=True))
    return texts


def _benchmarks(directory: Path, content: Report) -> dict[str, list[Item]]:
    """Items by the name of their benchmark."""
    own = [item for benchmark in collect(directory, content, ()) for item in benchmark.items]
    return {"own benchmarks": own, **dict(_training(directory, content))}


def _training(directory: Path, content: Report) -> Iterator[tuple[str, list[Item]]]:
    if CONFIG not in content.built:
        return
    templates = catalogue.TASK_CONFIGS[CONFIG][1].templates
    known = next(known for known in items.KNOWN if known.config == CONFIG)
    for numbers, thousands in TRAINING.items():
        ids = rf"^jcommonsenseqa:question:train-{thousands}\d{{3}}$"
        batches = reader.batches(directory, content.built[CONFIG], (*CELLS, "task", "id"))
        yield f"training {numbers}", items.from_records(batches, replace(known, ids=ids, items=ids), templates)
