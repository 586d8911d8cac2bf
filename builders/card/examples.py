"""One real record of every task, for the card."""

from __future__ import annotations

from pathlib import Path

import pyarrow.compute as pc

from builders import tree
from builders.records import COLUMNS


def first_records(report: dict, directory: Path) -> dict[str, list[dict[str, str]]]:
    """The first record of each template, by leaf; a leaf is read only until all its templates were met.

    Args:
        report: as `builders.report` documents it.
        directory: the built tree.
    """
    return {
        leaf: _firsts(entry, directory) for leaf, entry in report["leaves"].items() if entry["shards"]
    }


def _firsts(entry: dict, directory: Path) -> list[dict[str, str]]:
    missing = {name for name, records in entry["templates"].items() if records}
    found: dict[str, dict[str, str]] = {}
    for batch in tree.batches(directory, entry, COLUMNS):
        for name in sorted(missing):
            index = pc.index(batch.column("task"), name).as_py()
            if index >= 0:
                found[name] = batch.slice(index, 1).to_pylist()[0]
                missing.remove(name)
        if not missing:
            break
    return [found[name] for name in entry["templates"] if name in found]
