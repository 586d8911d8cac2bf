"""A shard is whole or not there, and the same rows give the same bytes."""

from __future__ import annotations

import errno
import hashlib
import os
from dataclasses import replace
from pathlib import Path

import orjson
import pyarrow.parquet as pq
import pytest

from builders.build import shards
from builders.build.shards import Shard
from builders.catalogue import CORPORA, TASK_CONFIGS
from builders.commands.options import SAMPLES
from builders.corpus import Part
from builders.errors import BuildError
from builders.schema import SCHEMA
from tests.fuzz.cases import sample_files
from tests.support.limits import no_more_open_files
from tests.support.pairs import CONFIG, build_pairs, numbered, write_pairs


@pytest.fixture
def shard(tmp_path) -> Shard:
    path = write_pairs(tmp_path, [*numbered(5), "no tab"])
    return Shard(*TASK_CONFIGS[CONFIG], Part("all", {path.name: path}), "f" * 64)


def make(shard: Shard, directory: Path):
    return shards.build(shard, directory, lambda records: None)


def test_a_finished_shard_has_its_files_counts_and_rejected(shard, tmp_path):
    result = make(shard, tmp_path / "out")
    assert (result.rows_read, result.records) == ({"rows": 6}, {"ja-en": 5, "en-ja": 5})
    assert result.rejected == {"1 columns instead of 2": 1}
    [file] = result.files
    data = (tmp_path / "out" / file.name).read_bytes()
    assert (file.rows, file.bytes, file.sha256) == (10, len(data), hashlib.sha256(data).hexdigest())
    [reject] = (tmp_path / "out" / "rejected.jsonl").read_bytes().splitlines()
    assert orjson.loads(reject) == {
        "place": "jpn-eng.zip/jpn.txt line 6",
        "reason": "1 columns instead of 2",
        "raw": "no tab",
    }


def test_progress_counts_the_records(shard, tmp_path):
    seen = []
    shards.build(shard, tmp_path / "out", seen.append)
    assert sum(seen) == 10


def test_a_finished_shard_is_not_built_again(shard, tmp_path):
    first = make(shard, tmp_path / "out")
    shard.part.files["jpn-eng.zip"].unlink()
    assert make(shard, tmp_path / "out") == first


def test_a_failed_shard_leaves_nothing(shard, tmp_path):
    path = shard.part.files["jpn-eng.zip"]
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(BuildError):
        make(shard, tmp_path / "out")
    assert [entry.name for entry in tmp_path.iterdir()] == ["tab_delimited"]


def test_the_same_rows_give_the_same_bytes(shard, tmp_path):
    assert make(shard, tmp_path / "a").files == make(shard, tmp_path / "b").files


def test_an_unreadable_file_names_corpus_file_reason_and_next_step(shard, tmp_path):
    path = shard.part.files["jpn-eng.zip"]
    path.write_bytes(b"not a zip")
    with pytest.raises(BuildError) as error:
        make(shard, tmp_path / "out")
    assert str(error.value) == (
        "tab_delimited: jpn-eng.zip: damaged or cut short (zip: File is not a zip file)\n"
        "Next step: Replace the raw file by a fresh copy, then run the same command again:\n"
        f"  {path} (from http://www.manythings.org/anki/jpn-eng.zip)"
    )


@pytest.mark.parametrize("name", CORPORA)
def test_too_many_open_files_are_not_blamed_on_a_raw_file(name):
    """A real limit, which every reader meets as it opens its file."""
    corpus = CORPORA[name]
    [part, *_] = corpus.split({path.name: path for path in sample_files(corpus)})
    assert list(shards.steps(corpus, corpus.tasks[0], part))  # imports what it needs
    with no_more_open_files(), pytest.raises(BuildError) as error:
        list(shards.steps(corpus, corpus.tasks[0], part))
    assert error.value.problem == "Too many files are open: Too many open files."
    assert "ulimit -n" in error.value.next_step


@pytest.mark.parametrize("moment", ["split", "read"])
@pytest.mark.parametrize(
    ("number", "problem", "next_step"),
    [
        (errno.ENFILE, "Too many files are open: Too many open files in system.", "--workers 1"),
        (errno.ENOMEM, "No memory is left: Cannot allocate memory.", "fewer --workers"),
        (errno.EACCES, "jesc: [Errno 13] Permission denied: 'raw.tar.gz'", "Make the file readable"),
    ],
)
def test_what_the_system_says_as_a_raw_file_is_opened(tmp_path, monkeypatch, moment, number, problem, next_step):
    def fail(*_):
        raise OSError(number, os.strerror(number), "raw.tar.gz")

    corpus, task = TASK_CONFIGS["translation-jesc"]
    monkeypatch.setitem(TASK_CONFIGS, "translation-jesc", (replace(corpus, **{moment: fail}), task))
    with pytest.raises(BuildError) as error:
        build_pairs(SAMPLES, tmp_path / "out", ["translation-jesc"])
    assert error.value.problem == problem and next_step in error.value.next_step


def test_the_parquet_is_what_the_viewer_and_streaming_like(shard, tmp_path):
    [file] = make(shard, tmp_path / "out").files
    written = pq.ParquetFile(tmp_path / "out" / file.name)
    assert written.schema_arrow.equals(SCHEMA), "plain strings, no dictionary types"
    group = written.metadata.row_group(0)
    for index in range(group.num_columns):
        column = group.column(index)
        assert column.has_offset_index and column.has_column_index, "page index"
        assert column.is_stats_set and column.compression == "ZSTD"
    assert written.read().validate(full=True) is None
