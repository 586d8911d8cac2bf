"""Every way in which a tree can be other than its report says is found and named."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from builders.errors import BuildError
from builders.schema import SCHEMA
from builders.tree import report, verify
from tests.support.pairs import CONFIG, build_pairs, numbered, write_pairs

SHARD = f"{CONFIG}/train-00000-of-00001.parquet"


@pytest.fixture
def tree(tmp_path):
    write_pairs(tmp_path, [*numbered(50), "no tab"])
    build_pairs(tmp_path, tmp_path / "tree")
    return tmp_path / "tree"


def replace_shard(tree, table: pa.Table) -> None:
    """Puts other records into the shard and makes the report agree with its bytes, so that only content is wrong."""
    pq.write_table(table, tree / SHARD, store_schema=False)
    content = report.load(tree)
    entry = content["task_configs"][CONFIG]["shards"][0]
    entry |= {"bytes": (tree / SHARD).stat().st_size, "sha256": report.sha256(tree / SHARD)}
    report.write(tree, content)


def test_a_sound_tree(tree):
    assert verify.verify(tree) == []


def test_every_leaf_is_told(tree):
    seen = []
    verify.verify(tree, seen.append)
    assert seen == [CONFIG]


def test_a_flipped_byte(tree):
    data = bytearray((tree / SHARD).read_bytes())
    data[100] ^= 1
    (tree / SHARD).write_bytes(data)
    assert verify.verify(tree) == [f"{SHARD}: the content changed (its sha256 is not the report's); build again"]


def test_a_missing_shard(tree):
    (tree / SHARD).unlink()
    assert verify.verify(tree) == [f"{SHARD}: missing; build again"]


def test_a_cut_shard(tree):
    size = (tree / SHARD).stat().st_size
    with open(tree / SHARD, "r+b") as file:
        file.truncate(size - 10)
    assert verify.verify(tree) == [f"{SHARD}: {size - 10:,} bytes instead of {size:,}; build again"]


def test_a_stray_parquet_file(tree):
    (tree / CONFIG / "train-old.parquet").write_bytes(b"")
    assert verify.verify(tree) == [
        f"{CONFIG}/train-old.parquet: the report does not name this file; take it away, or build again"
    ]


def test_missing_rejected(tree):
    (tree / "rejected" / f"{CONFIG}.jsonl").unlink()
    assert verify.verify(tree) == [f"rejected/{CONFIG}.jsonl: missing; build again"]


def test_an_edited_card(tree):
    (tree / "README.md").write_text("mine")
    [problem] = verify.verify(tree)
    assert problem.startswith("README.md: 4 bytes instead of ")


def test_another_schema(tree):
    replace_shard(tree, pq.read_table(tree / SHARD).drop_columns(["license"]))
    [problem] = verify.verify(tree)
    assert problem.startswith(f"{SHARD}: columns instruction: string, input: string, output: string, id: string")


def test_another_number_of_rows(tree):
    replace_shard(tree, pq.read_table(tree / SHARD).slice(1))
    assert verify.verify(tree) == [
        f"{SHARD}: 99 rows instead of 100",
        f"{CONFIG}: 99 records instead of the report's 100",
    ]


def test_ids_that_stand_twice(tree):
    table = pq.read_table(tree / SHARD)
    ids = table.column("id").to_pylist()
    ids[-1] = ids[0]
    table = table.set_column(SCHEMA.get_field_index("id"), SCHEMA.field("id"), pa.array(ids))
    replace_shard(tree, table)
    assert verify.verify(tree) == [f"{CONFIG}: 1 ids stand twice, for instance {ids[0]}"]


def test_rejects_that_the_reasons_do_not_count(tree):
    content = report.load(tree)
    content["task_configs"][CONFIG]["rejected"] = {}
    report.write(tree, content)
    assert verify.verify(tree) == [f"rejected/{CONFIG}.jsonl: 1 rejected, but the reasons count others"]


def test_a_directory_that_is_no_tree(tmp_path):
    with pytest.raises(BuildError) as error:
        verify.verify(tmp_path)
    assert str(error.value) == (
        f"{tmp_path} holds no report.json, so it is no built dataset.\n"
        f"Next step: Build one: python -m builders build --out {tmp_path}"
    )


def test_a_damaged_report(tree):
    (tree / "report.json").write_text('{"task_configs": ')
    with pytest.raises(BuildError) as error:
        verify.verify(tree)
    assert "report.json is damaged: " in str(error.value)
