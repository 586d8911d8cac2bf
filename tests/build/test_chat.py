"""The conversations of `chat` are the records, file by file; they are gone when they do not fit any more."""

from __future__ import annotations

import pyarrow.parquet as pq

from builders import layout
from builders.build import parquet
from builders.build.chat import SCHEMA
from builders.tree import report
from builders.tree.verify import verify
from tests.support.pairs import CONFIG, build_pairs, numbered, write_pairs


def test_every_record_is_a_conversation_in_its_place(tmp_path):
    write_pairs(tmp_path, numbered(3))
    content = build_pairs(tmp_path, tmp_path / "out", chat=True)

    [shard], [file] = content.configs[CONFIG].shards, content.chat
    assert file.path == f"chat/{shard.path}" and file.rows == shard.rows
    records = pq.read_table(tmp_path / "out" / shard.path).to_pylist()
    rows = pq.read_table(tmp_path / "out" / file.path).to_pylist()
    for row, record in zip(rows, records, strict=True):
        asked = f"{record['instruction']}\n\n{record['input']}"
        assert row == {
            "messages": [{"role": "user", "content": asked}, {"role": "assistant", "content": record["output"]}],
            **{name: record[name] for name in ("id", "source", "license")},
        }
    file = pq.ParquetFile(tmp_path / "out" / file.path)
    assert file.schema_arrow.names == SCHEMA.names and parquet.CHUNKING_KEY.encode() in file.metadata.metadata
    assert verify(tmp_path / "out") == []


def test_the_same_records_give_the_same_bytes_and_a_second_build_keeps_them(tmp_path):
    write_pairs(tmp_path, numbered(3))
    first = build_pairs(tmp_path, tmp_path / "out", chat=True)

    assert build_pairs(tmp_path, tmp_path / "again", chat=True).chat == first.chat
    assert build_pairs(tmp_path, tmp_path / "out") == first
    assert build_pairs(tmp_path, tmp_path / "out", chat=True) == first


def test_other_records_take_the_conversations_away(tmp_path):
    write_pairs(tmp_path, numbered(3))
    build_pairs(tmp_path, tmp_path / "out", chat=True)
    write_pairs(tmp_path, numbered(4))

    assert build_pairs(tmp_path, tmp_path / "out").chat == ()
    assert not (tmp_path / "out" / layout.CHAT).exists()
    assert verify(tmp_path / "out") == []


def test_verify_sees_a_changed_and_a_stray_conversation(tmp_path):
    write_pairs(tmp_path, numbered(3))
    [file] = build_pairs(tmp_path, tmp_path / "out", chat=True).chat
    path = tmp_path / "out" / file.path
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    path.with_name("train-old.parquet").write_bytes(b"")

    stray, changed = verify(tmp_path / "out")

    assert stray.startswith(f"chat/{CONFIG}/train-old.parquet: the report does not name this file")
    assert changed.startswith(f"{file.path}: the content changed")
    assert report.load(tmp_path / "out").chat == (file,)


def test_damaged_conversations_are_mended_by_the_next_build(tmp_path):
    write_pairs(tmp_path, numbered(3))
    [file] = build_pairs(tmp_path, tmp_path / "out", chat=True).chat
    whole = (tmp_path / "out" / file.path).read_bytes()
    (tmp_path / "out" / file.path).unlink()
    build_pairs(tmp_path, tmp_path / "out")
    assert (tmp_path / "out" / file.path).read_bytes() == whole
