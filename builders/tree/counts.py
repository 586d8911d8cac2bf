"""What is counted of the records of a built dataset once it is whole: repeated ones, and those of evaluation sets.

Reading 8.4 million records for it takes some ten seconds; the report keeps the numbers.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from builders.tree import evaluation, reader
from builders.tree.report import ConfigReport, RecordCounts, Report
from builders.tree.stats import COMPARED, fingerprints


def record_counts(content: Report, directory: Path) -> dict[str, RecordCounts]:
    """Reads all records once; memory is 8 bytes for each record of the largest config.

    Args:
        content: the report of the dataset.
        directory: the output directory.

    Raises:
        BuildError: a file cannot be read.
    """
    return {name: _of_config(task, directory) for name, task in content.built.items()}


def _of_config(task: ConfigReport, directory: Path) -> RecordCounts:
    beginnings, evaluated, prints = evaluation.id_beginnings(task), 0, []
    for batch in reader.batches(directory, task, [*COMPARED, *(["id"] if beginnings else [])]):
        prints.append(fingerprints(batch))
        if beginnings:
            evaluated += int(np.count_nonzero(evaluation.begin_so(batch.column("id"), beginnings)))
    return RecordCounts(task.records - len(np.unique(np.concatenate(prints))), evaluated)
