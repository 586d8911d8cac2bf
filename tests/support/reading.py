"""Reads a corpus as a build does, for the tests: all parts, in order."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from builders.build.records import make_records
from builders.corpus import Corpus
from builders.rows import RejectedRow


def files_in(corpus: Corpus, directory: Path) -> dict[str, Path]:
    """The corpus's raw files that lie in a directory."""
    return {file.name: directory / file.name for file in corpus.files if (directory / file.name).exists()}


def read_rows(
    corpus: Corpus, directory: Path, record_type: str = "rows"
) -> tuple[list[dict[str, str]], list[RejectedRow]]:
    """All rows of one record_type, and all its rejected."""
    rows, rejected = [], []
    for part in corpus.split(files_in(corpus, directory)):
        for step in corpus.read(part):
            if step.record_type == record_type:
                rows += step.batch.to_pylist()
                rejected += step.rejected
    return rows, rejected


def count_records(corpus: Corpus, directory: Path) -> dict[str, int]:
    """Number of records by task config config."""
    counts = dict.fromkeys((task.config for task in corpus.tasks), 0)
    for task, _, batch in _records(corpus, directory):
        counts[task] += batch.num_rows
    return counts


def records_of(corpus: Corpus, directory: Path, config: str) -> list[dict[str, str]]:
    """All records of one task config config."""
    return [record for name, _, batch in _records(corpus, directory) if name == config for record in batch.to_pylist()]


def _records(corpus: Corpus, directory: Path) -> Iterator[tuple]:
    for part in corpus.split(files_in(corpus, directory)):
        for step in corpus.read(part):
            for task in corpus.tasks:
                for template, batch, _ in make_records(step, corpus, task):
                    yield task.config, template.name, batch


def shared_sources(corpus: str) -> Path:
    """The folder of real raw files of a corpus; skips the test where there is none."""
    shared = os.environ.get("LJD_SHARED_DIR")
    if not shared:
        pytest.skip("LJD_SHARED_DIR is not set: no real raw files here")
    folder = Path(shared) / "sources" / corpus
    if not folder.is_dir():
        pytest.skip(f"LJD_SHARED_DIR has no raw files of {corpus}")
    return folder
