"""What a correction of one row costs to send, with the Hub's chunk storage and its real client."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from builders.build.parquet import ParquetFiles
from builders.schema import SCHEMA
from builders.tree import reader
from tests.support.loopback_hub import LoopbackHub
from tests.support.loopback_hub.client import run_client
from tests.support.subtitles import build_subtitles

RECORDS = 200_000
"""As many as one file holds. Of a larger config, the other files stay as they are."""
UPLOAD = """
import sys
from huggingface_hub import CommitOperationAdd, HfApi
api, repo = HfApi(), "izumi-lab/llm-japanese-dataset"
api.create_commit(repo, [CommitOperationAdd("a.parquet", sys.argv[1])], commit_message="a", repo_type="dataset")
"""


def written(records: pa.Table, directory: Path) -> Path:
    """Writes records as a build does, into one file."""
    directory.mkdir()
    with ParquetFiles(directory) as parquet:
        for batch in records.combine_chunks().to_batches(RECORDS // 20):
            parquet.write(batch)
    (file,) = parquet.files
    return directory / file.name


def sent(hub: LoopbackHub, home: Path, path: Path) -> int:
    """Uploads a file as another machine would, and says how many bytes were sent for it."""
    hub.store.chunks.forget_clients()
    before = hub.store.chunks.bytes
    done = run_client(hub, home, ["-c", UPLOAD, str(path)], chunks=True)
    assert done.returncode == 0, done.stderr
    return hub.store.chunks.bytes - before


def corrected(records: pa.Table, key: str) -> pa.Table:
    """The records with one more character in the English side of a raw row, in both directions."""
    mine = pc.ends_with(records["id"], f":{key}")
    for column, direction in (("output", "ja-en"), ("input", "en-ja")):
        longer = pc.binary_join_element_wise(records[column], "!", "")
        texts = pc.if_else(pc.and_(mine, pc.equal(records["task"], direction)), longer, records[column])
        records = records.set_column(SCHEMA.get_field_index(column), SCHEMA.field(column), texts)
    return records


def test_one_row_sends_a_few_pages_of_one_file(hub: LoopbackHub, tmp_path: Path) -> None:
    """Less than 1 % of 100 MB. A file more costs nothing more: all of the dataset's files have several times as much."""
    entry = build_subtitles(tmp_path, RECORDS)
    records = pa.Table.from_batches(reader.batches(tmp_path / "built", entry, SCHEMA.names))
    better = corrected(records, str(RECORDS // 4))
    old, new = (written(table, tmp_path / name) for table, name in ((records, "old"), (better, "new")))
    hub.store.create("datasets", "izumi-lab/llm-japanese-dataset")

    first, second = sent(hub, tmp_path / "home", old), sent(hub, tmp_path / "home", new)

    print(first, second, old.stat())
    assert second < 1_000_000 < 4_000_000 < first < 1.01 * old.stat().st_size
