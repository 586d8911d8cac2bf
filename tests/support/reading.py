"""Reads a corpus as a build does, for the tests: all parts, in order."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from builders.build.records import make_records
from builders.corpus import Corpus
from builders.rows import RejectedRow


def files_in(corpus: Corpus, directory: Path, date: str = "") -> dict[str, Path]:
    """The corpus's raw files that lie in a directory; `date` is that of a dump."""
    names = [file.name.replace("{date}", date) for file in corpus.files]
    return {name: directory / name for name in names if (directory / name).exists()}


def read_rows(
    corpus: Corpus, directory: Path, record_type: str = "rows"
) -> tuple[list[dict[str, str]], list[RejectedRow]]:
    """All rows of one record type, and all its rejected rows."""
    rows, rejected = [], []
    for part in corpus.split(files_in(corpus, directory)):
        for step in corpus.read(part):
            if step.record_type == record_type:
                rows += step.batch.to_pylist()
                rejected += step.rejected
    return rows, rejected


def count_records(corpus: Corpus, directory: Path, date: str = "") -> Counter[str]:
    """Number of records by task config; those without any are not in it."""
    counts: Counter[str] = Counter()
    for config, batch in _records(corpus, directory, date):
        counts[config] += batch.num_rows
    return +counts


def records_of(corpus: Corpus, directory: Path, config: str) -> list[dict[str, str]]:
    """All records of one task config."""
    return [record for name, batch in _records(corpus, directory) if name == config for record in batch.to_pylist()]


def _records(corpus: Corpus, directory: Path, date: str = "") -> Iterator[tuple[str, pa.RecordBatch]]:
    for part in corpus.split(files_in(corpus, directory, date)):
        for step in corpus.read(part):
            for task in corpus.tasks:
                for _, batch, _ in make_records(step, corpus, task):
                    yield task.config, batch


def raw_files_of(corpus: str) -> Path:
    """The folder of real raw files of a corpus; skips the test where there is none."""
    sources = os.environ.get("LJD_SOURCES")
    if not sources:
        pytest.skip("LJD_SOURCES is not set: no real raw files here")
    folder = Path(sources) / corpus
    if not folder.is_dir():
        pytest.skip(f"LJD_SOURCES has no raw files of {corpus}")
    return folder
