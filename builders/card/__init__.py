"""What is written beside the data, all of it made from the build's report and the records: the card and its plots,
NOTICE, `dataset_infos.json` and `croissant.json`."""

from __future__ import annotations

from pathlib import Path

from builders import croissant, infos
from builders.card import body, header, plots
from builders.card.examples import telling_records
from builders.notice import notice


def documents(report: dict, tree: Path) -> dict[str, bytes]:
    """All files that describe a built tree.

    Args:
        report: as `builders.report` documents it.
        tree: the built tree, for what is read from the records themselves.

    Returns:
        Contents by path relative to the tree. The same report and tree give the same bytes.
    """
    card = header.front_matter(report) + body.text(report, telling_records(report, tree))
    return {
        "README.md": card.encode(),
        "NOTICE": notice(report).encode(),
        "dataset_infos.json": infos.to_json(infos.of_tree(report)),
        "croissant.json": croissant.to_json(report),
        plots.RECORDS: plots.records_per_source(report),
        plots.LENGTHS: plots.lengths_of_texts(report),
    }
