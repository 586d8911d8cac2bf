"""Near-duplicates within a built dataset, as the marks of its curated edition tell them.

``python -m builders clean`` writes ``marks/<config>/<file>.parquet`` beside the records, with each record's ``id`` and, for
one that says nearly what another one says, the other's id as its ``representative``.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl
from huggingface_hub import snapshot_download
from huggingface_hub.errors import LocalEntryNotFoundError

from finetune.errors import DataError

FILES = "marks/*/*.parquet"
COLUMNS = ("id", "representative")


def read(dataset: str) -> pl.DataFrame | None:
    """Read which records of a dataset are duplicates of which.

    Args:
        dataset: A built directory, a name on the Hub, or a JSON Lines file.

    Returns:
        The columns ``id`` and ``representative``, a row for each duplicate; nothing where there are no marks, or where
        there is no network to fetch them by.

    Raises:
        DataError: A file of marks cannot be read.
    """
    if Path(dataset).is_file():
        return None
    if not (folder := Path(dataset)).is_dir():
        try:
            folder = Path(snapshot_download(dataset, repo_type="dataset", allow_patterns=FILES))
        except LocalEntryNotFoundError:
            return None
    parts = [_duplicates(file) for file in sorted(folder.glob(FILES))]
    return pl.concat(parts) if parts else None


def _duplicates(file: Path) -> pl.DataFrame:
    try:
        return pl.scan_parquet(file).select(COLUMNS).filter(pl.col("representative") != "").collect()
    except pl.exceptions.PolarsError as error:
        raise DataError(
            f"{file} cannot be read: {error}\nNext step: make the marks anew with python -m builders clean, or remove them."
        ) from error


def copies(ids: pl.Series, marks: pl.DataFrame) -> pl.Series:
    """List the ids of all records that say nearly what one of ``ids`` says, these included.

    Args:
        ids: Ids of records.
        marks: As ``read`` gives them.
    """
    named = pl.concat([ids, marks.filter(pl.col("id").is_in(ids.implode()))["representative"]])
    return pl.concat([named, marks.filter(pl.col("representative").is_in(named.implode()))["id"]])
