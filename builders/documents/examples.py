"""One real record of every task, for the card."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from builders.schema import TEXTS
from builders.tree import reader
from builders.tree.report import ConfigReport, Report

COLUMNS = (*TEXTS, "task")
SHORTEST, LONGEST = 20, 200
"""Characters of input and output together that make a telling example: neither 「行け。」 nor a whole page."""


def representative_records(report: Report, directory: Path) -> dict[str, list[dict[str, str]]]:
    """One record of each template, by task config: the first of telling length in the batch where the template begins.

    A task config is read only until all its templates were met.

    Args:
        report: of the built dataset.
        directory: the output directory.
    """
    return {name: _of_config(entry, directory) for name, entry in report.built.items()}


def _of_config(entry: ConfigReport, directory: Path) -> list[dict[str, str]]:
    missing = {name for name, records in entry.templates.items() if records}
    found: dict[str, dict[str, str]] = {}
    for batch in reader.batches(directory, entry, COLUMNS):
        for name in sorted(missing):
            if (index := _index(batch, name)) is not None:
                found[name] = batch.slice(index, 1).to_pylist()[0]
                missing.remove(name)
        if not missing:
            break
    return [found[name] for name in entry.templates if name in found]


def _index(batch: pa.RecordBatch, template: str) -> int | None:
    """Row of the first telling record of a template, or else of its first, or None where it has none in the batch."""
    own = pc.equal(batch.column("task"), template)
    length = pc.add(pc.utf8_length(batch.column("input")), pc.utf8_length(batch.column("output")))
    telling = pc.and_(pc.greater_equal(length, SHORTEST), pc.less_equal(length, LONGEST))
    telling = pc.and_(telling, pc.not_equal(batch.column("input"), batch.column("output")))  # a rephrasing rephrases
    for wanted in (pc.and_(own, telling), own):
        index: int = pc.index(wanted, True).as_py()
        if index >= 0:
            return index
    return None
