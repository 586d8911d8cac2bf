"""Every way in which a built dataset can be other than its report says is found and named."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from builders.errors import BuildError
from builders.schema import SCHEMA
from builders.tree import report
from builders.tree.verify import verify
from tests.support.damage import without_utf8
from tests.support.editions import output_file
from tests.support.pairs import CONFIG, build_pairs, numbered, write_pairs
from tests.support.permissions import unprivileged
from tests.support.reports import with_config
from tests.support.steps import steps_of

SHARD = f"{CONFIG}/train-permissive-00000-of-00001.parquet"


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    directory = tmp_path_factory.mktemp("sound")
    write_pairs(directory, [*numbered(50), "no tab"])
    build_pairs(directory, directory / "built")
    return directory / "built"


@pytest.fixture
def built(sound, tmp_path):
    """A copy that a test may damage."""
    return shutil.copytree(sound, tmp_path / "built")


def replace_shard(built: Path, table: pa.Table) -> None:
    """Puts other records into the shard and makes the report agree with its bytes, so that only content is wrong."""
    pq.write_table(table, built / SHARD, store_schema=False)
    content = report.load(built)
    [shard] = content.configs[CONFIG].shards
    rewritten = replace(output_file(built, SHARD), rows=shard.rows)
    report.dump(with_config(content, CONFIG, shards=(rewritten,)), built)


def test_a_sound_dataset(built):
    assert verify(built) == []


def test_every_config_is_told(built):
    seen = []
    verify(built, seen.append)
    assert seen == [CONFIG]


def test_a_flipped_byte(built):
    data = bytearray((built / SHARD).read_bytes())
    data[100] ^= 1
    (built / SHARD).write_bytes(data)
    assert verify(built) == [f"{SHARD}: the content changed (its sha256 is not the report's); build again"]


def test_a_missing_shard(built):
    (built / SHARD).unlink()
    assert verify(built) == [f"{SHARD}: missing; build again"]


def test_a_cut_shard(built):
    size = (built / SHARD).stat().st_size
    with open(built / SHARD, "r+b") as file:
        file.truncate(size - 10)
    assert verify(built) == [f"{SHARD}: {size - 10:,} bytes instead of {size:,}; build again"]


def test_a_stray_parquet_file(built):
    (built / CONFIG / "train-old.parquet").write_bytes(b"")
    assert verify(built) == [
        f"{CONFIG}/train-old.parquet: the report does not name this file; take it away, or build again"
    ]


def test_missing_rejected_rows(built):
    (built / "rejected" / f"{CONFIG}.jsonl").unlink()
    assert verify(built) == [f"rejected/{CONFIG}.jsonl: missing; build again"]


def test_an_edited_card(built):
    (built / "README.md").write_text("mine")
    [problem] = verify(built)
    assert problem.startswith("README.md: 4 bytes instead of ")


def test_another_schema(built):
    replace_shard(built, pq.read_table(built / SHARD).drop_columns(["license"]))
    [problem] = verify(built)
    assert problem.startswith(f"{SHARD}: columns instruction: string, input: string, output: string, id: string")


def test_another_number_of_rows(built):
    replace_shard(built, pq.read_table(built / SHARD).slice(1))
    assert verify(built) == [
        f"{SHARD}: 99 rows instead of 100",
        f"{CONFIG}: 99 records instead of the report's 100",
    ]


def test_ids_that_stand_twice(built):
    table = pq.read_table(built / SHARD)
    ids = table.column("id").to_pylist()
    ids[-1] = ids[0]
    table = table.set_column(SCHEMA.get_field_index("id"), SCHEMA.field("id"), pa.array(ids))
    replace_shard(built, table)
    assert verify(built) == [f"{CONFIG}: 1 ids stand twice, for instance {ids[0]}"]


def test_rejected_rows_that_the_reasons_do_not_count(built):
    report.dump(with_config(report.load(built), CONFIG, rejected={}), built)
    assert verify(built) == [f"rejected/{CONFIG}.jsonl: 1 rejected rows, but the reasons count others"]


def test_a_directory_that_is_no_dataset(tmp_path):
    with pytest.raises(BuildError) as error:
        verify(tmp_path)
    assert str(error.value) == (
        f"{tmp_path} holds no report.json, so it is no built dataset.\n"
        f"Next step: Build one: python -m builders build --out {tmp_path}"
    )


def test_a_damaged_report(built):
    (built / "report.json").write_text('{"configs": ')
    with pytest.raises(BuildError) as error:
        verify(built)
    assert "report.json is damaged, or no report of a built dataset: " in str(error.value)


def test_a_license_that_is_another_in_data_and_report(built):
    table = pq.read_table(built / SHARD)
    index = SCHEMA.get_field_index("license")
    replace_shard(built, table.set_column(index, SCHEMA.field(index), pa.array(["MIT"] * table.num_rows)))
    report.dump(with_config(report.load(built), CONFIG, license="MIT"), built)
    assert verify(built) == [
        f"{CONFIG}: the report says tab_delimited under MIT, not tab_delimited under CC-BY-2.0-FR",
        f'{SHARD}: the column "license" holds MIT instead of CC-BY-2.0-FR',
    ]


def with_bytes(built: Path, content: bytes) -> None:
    """Writes the shard anew and makes the report agree with its bytes."""
    [shard] = report.load(built).configs[CONFIG].shards
    (built / SHARD).write_bytes(content)
    rewritten = replace(output_file(built, SHARD), rows=shard.rows)
    report.dump(with_config(report.load(built), CONFIG, shards=(rewritten,)), built)


def broken_in_the_middle(built: Path) -> bytes:
    """A Parquet file whose end is right, and whose pages are not."""
    data = (built / SHARD).read_bytes()
    return data[:4] + b"\xff" * (len(data) // 2) + data[4 + len(data) // 2 :]


def no_utf8(built: Path) -> bytes:
    return without_utf8(built / SHARD)


@pytest.mark.parametrize("make", [lambda built: b"", lambda built: b"no Parquet", broken_in_the_middle, no_utf8])
def test_a_shard_that_is_no_parquet_though_the_report_agrees(built, make):
    with_bytes(built, make(built))
    [problem] = verify(built)
    assert problem.startswith(f"{SHARD}: cannot be read as Parquet (")
    assert problem.endswith("); take it away, and build again")


def test_a_shard_that_hides_its_license(built):
    table = pq.read_table(built / SHARD)
    pq.write_table(table, built / SHARD, store_schema=False, write_statistics=False)
    with_bytes(built, (built / SHARD).read_bytes())
    assert verify(built) == [
        f'{SHARD}: it is not known what the column "{name}" holds; take the file away, and build again'
        for name in ("source", "license")
    ]


def test_files_that_may_not_be_read(built):
    files = {path.relative_to(built): path.read_bytes() for path in built.rglob("*") if path.is_file()}
    with unprivileged() as directory:
        for name, content in files.items():
            (directory / name).parent.mkdir(exist_ok=True)
            (directory / name).write_bytes(content)
        for name in (SHARD, "NOTICE"):
            (directory / name).chmod(0)
        assert verify(directory) == [
            f"{name}: cannot be read (Permission denied); make it readable" for name in (SHARD, "NOTICE")
        ]


def link(path: Path, target: Path) -> None:
    """Puts a file or a directory elsewhere, and a link in its place."""
    target.parent.mkdir(parents=True, exist_ok=True)
    path.rename(target)
    path.symlink_to(target)


@pytest.mark.parametrize("name", [SHARD, CONFIG, f"rejected/{CONFIG}.jsonl", "rejected", "NOTICE"])
def test_a_link_that_leads_out_of_the_directory(built, tmp_path, name):
    """What it leads to is what the report says, byte for byte."""
    link(built / name, tmp_path / "elsewhere")
    [problem] = verify(built)
    assert problem.startswith(f"{name}") and problem.endswith(
        ": a link leads out of the directory to it; take the link away, and build again"
    )


def test_links_that_lead_nowhere_else(built, tmp_path):
    """Within the directory, of the directory itself, and in the cache of huggingface_hub."""
    link(built / SHARD, built / ".kept" / "shard")
    (tmp_path / "a link").symlink_to(built)
    assert verify(tmp_path / "a link") == []
    snapshot = tmp_path / "datasets--an-org--a-dataset" / "snapshots" / "0f1e"
    for number, path in enumerate(sorted(path for path in built.rglob("*") if path.is_file())):
        blob = snapshot.parents[1] / "blobs" / f"{number}"
        for directory in (blob.parent, (snapshot / path.relative_to(built)).parent):
            directory.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, blob)
        (snapshot / path.relative_to(built)).symlink_to(blob)
    assert verify(snapshot) == []


def test_steps_grow_no_faster_than_ids_that_stand_twice(tmp_path):
    """Each id stands twice, in one build of 500 pairs and in one of 2,000."""

    def steps(pairs: int) -> int:
        sources, out = tmp_path / f"sources {pairs}", tmp_path / f"built {pairs}"
        write_pairs(sources, numbered(pairs))
        build_pairs(sources, out)
        table = pq.read_table(out / SHARD)
        index = SCHEMA.get_field_index("id")
        twice = pa.array([f"tab_delimited:ja-en:{number // 2}" for number in range(table.num_rows)])
        replace_shard(out, table.set_column(index, SCHEMA.field(index), twice))
        assert verify(out) == [f"{CONFIG}: {pairs:,} ids stand twice, for instance tab_delimited:ja-en:0"]
        return steps_of(lambda: verify(out))

    assert steps(2_000) <= 4.6 * steps(500)
