"""What is written beside the data, all of it made from the build's report and the records: the card and its plots,
NOTICE, `dataset_infos.json`, `croissant.json`, `dataset.spdx.json` and `training-data-summary.md`."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from builders.documents import card, croissant, front_matter, infos, plots, spdx, training_summary
from builders.documents.examples import representative_records
from builders.documents.notice import notice
from builders.files import write_atomically
from builders.tree import report
from builders.tree.report import OutputFile, Report


def documents(content: Report, directory: Path) -> dict[str, bytes]:
    """All files that describe a built dataset.

    Args:
        content: its report.
        directory: the output directory, for what is read from the records themselves.

    Returns:
        Contents by path relative to the output directory. The same report and records give the same bytes.
    """
    page = front_matter.front_matter(content) + card.text(content, representative_records(content, directory))
    return {
        "README.md": page.encode(),
        "NOTICE": notice(content).encode(),
        "dataset_infos.json": infos.to_json(infos.of_dataset(content)),
        "croissant.json": croissant.to_json(content),
        spdx.NAME: spdx.to_json(content),
        training_summary.NAME: training_summary.text(content).encode(),
        plots.SHARES: plots.shares(content),
        plots.LENGTHS: plots.lengths_of_texts(content),
    }


def render(content: Report, directory: Path) -> tuple[Report, dict[str, bytes]]:
    """Makes the documents anew.

    Args:
        content: the report.
        directory: the output directory, which is only read.

    Returns:
        The report that names them, and their contents by path.
    """
    texts = documents(content, directory)
    made = {name: OutputFile(name, len(text), hashlib.sha256(text).hexdigest()) for name, text in texts.items()}
    return replace(content, documents=made), texts


def describe(content: Report, directory: Path) -> Report:
    """Writes what is made from the report, and the report last: it is what says that a dataset is whole.

    Args:
        content: the report; its `documents` are made anew.
        directory: the output directory.

    Returns:
        The report as it was written.
    """
    described, texts = render(content, directory)
    for name, text in texts.items():
        write_atomically(directory / name, text)
    report.dump(described, directory)
    return described
