"""Records drawn at random from a built dataset, for a person to read."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from builders.schema import COLUMNS
from builders.tree import reader
from builders.tree.report import Report


def draw(directory: Path, report: Report, name: str, count: int, seed: int) -> list[dict[str, str]]:
    """Draws records of a config, each with the same chance, without drawing one twice.

    Args:
        directory: the output directory.
        report: its report.
        name: of the config.
        count: number of records; all of them where there are no more.
        seed: the same seed draws the same records.

    Returns:
        The records in the dataset's order.

    Raises:
        BuildError: there is no such config here, or a file cannot be read.
    """
    config = reader.config_named(name, report, directory)
    generator = np.random.default_rng(seed)
    wanted = np.sort(generator.choice(config.records, min(max(count, 0), config.records), replace=False))
    drawn: list[dict[str, str]] = []
    first = 0
    for task in config.tasks.values():
        for batch in reader.batches(directory, task, COLUMNS):
            here = wanted[(wanted >= first) & (wanted < first + batch.num_rows)] - first
            drawn += batch.take(here).to_pylist() if len(here) else []
            first += batch.num_rows
    return drawn
