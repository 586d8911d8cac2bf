"""What is written beside the data, all of it made from the build's report and the records: the card and its plots,
NOTICE, `dataset_infos.json`, `croissant.json`, `dataset.spdx.json` and `training-data-summary.md`."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import builders
from builders.documents import card, croissant, front_matter, infos, plots, spdx, training_summary
from builders.documents.examples import representative_records
from builders.documents.notice import notice
from builders.files import write_atomically
from builders.tree import report
from builders.tree.report import OutputFile, Report

CHARTS = {plots.SHARES: plots.shares, plots.LENGTHS: plots.lengths_of_texts}
"""What draws each chart, by its path."""
_PNG = b"\x89PNG\r\n\x1a\n"


def documents(content: Report, directory: Path) -> dict[str, bytes]:
    """All files that describe a built dataset.

    Args:
        content: its report.
        directory: the output directory, for what is read from the records themselves.

    Returns:
        Contents by path relative to the output directory. The same report and records give the same bytes.
    """
    return _texts(content, directory) | {path: draw(content) for path, draw in CHARTS.items()}


def _texts(content: Report, directory: Path) -> dict[str, bytes]:
    """The documents without the charts, which take longer.

    Raises:
        BuildError: the catalogue does not know a config: the dataset is of another version.
    """
    report.require_known(content, directory)
    page = front_matter.front_matter(content) + card.text(content, representative_records(content, directory))
    return {
        "README.md": page.encode(),
        "NOTICE": notice(content).encode(),
        "dataset_infos.json": infos.to_json(infos.of_dataset(content)),
        "croissant.json": croissant.to_json(content),
        spdx.NAME: spdx.to_json(content),
        training_summary.NAME: training_summary.text(content).encode(),
    }


def render(content: Report, directory: Path) -> tuple[Report, dict[str, bytes]]:
    """Makes the documents anew.

    Args:
        content: the report.
        directory: the output directory, which is only read.

    Returns:
        The report that names them, and their contents by path.
    """
    made = documents(content, directory)
    return replace(content, documents={name: _entry(name, text) for name, text in made.items()}), made


def _entry(name: str, content: bytes) -> OutputFile:
    return OutputFile(name, len(content), hashlib.sha256(content).hexdigest())


def describe(content: Report, directory: Path) -> Report:
    """Writes what is made from the report, and the report last: it is what says that a dataset is whole.

    Args:
        content: the report; its `documents` are made anew.
        directory: the output directory, which is left as it is where all of that is there.

    Returns:
        The report as it was written.
    """
    if _is_described(content, directory):
        return content
    described, made = render(content, directory)
    for name, text in made.items():
        write_atomically(directory / name, text)
    report.dump(described, directory)
    return described


def _is_described(content: Report, directory: Path) -> bool:
    return (
        (directory / report.NAME).is_file()
        and report.load(directory) == content
        and all(file.is_intact(directory) for file in content.documents.values())
        and not wrong_documents(content, directory)
    )


def wrong_documents(content: Report, directory: Path) -> list[str]:
    """Compares the documents with those that the report and the records give: both could be edited together.

    Of a chart, it is only looked whether it is one: other machines pack the same pixels into other bytes. A dataset of
    another version has that version's documents, so nothing is compared.

    Args:
        content: the report of a dataset whose files are what it says.
        directory: the output directory.

    Returns:
        What is wrong, a line for each document; empty if nothing is.
    """
    if content.version != builders.__version__:
        return []
    made = {name: _entry(name, text) for name, text in _texts(content, directory).items()}
    return [
        f"{name}: not what this version of builders makes of the report and the records; build again"
        for name in sorted({*made, *CHARTS, *content.documents})
        if not (
            _is_chart(name, content, directory) if name in CHARTS else content.documents.get(name) == made.get(name)
        )
    ]


def _is_chart(name: str, content: Report, directory: Path) -> bool:
    if name not in content.documents or content.documents[name].path != name:
        return False
    with open(directory / name, "rb") as file:
        return file.read(len(_PNG)) == _PNG
