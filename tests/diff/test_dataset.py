"""A directory that is to be compared has to be what its report says."""

from __future__ import annotations

import json
import shutil

import pytest

from builders.diff import compare
from builders.diff.dataset import in_directory
from builders.errors import BuildError
from builders.tree import report
from tests.diff.datasets import PAIRS, build


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return build(tmp_path_factory.mktemp("built"))


@pytest.fixture
def copy(built, tmp_path):
    return shutil.copytree(built, tmp_path / "copy")


def shard(directory):
    (path,) = directory.glob("translation-*/*.parquet")
    return path


def test_no_dataset(tmp_path):
    with pytest.raises(BuildError, match=r"holds no report\.json, so it is no built dataset"):
        in_directory(tmp_path)


def test_a_report_of_an_older_format(copy):
    content = json.loads((copy / report.NAME).read_text())
    (copy / report.NAME).write_text(json.dumps(content | {"format": report.FORMAT - 1}))

    with pytest.raises(
        BuildError, match=f"has format {report.FORMAT - 1}; this version of builders reads format {report.FORMAT}"
    ):
        in_directory(copy)


def test_a_file_that_is_missing_or_cut(copy):
    for spoil in (lambda path: path.write_bytes(path.read_bytes()[:-1]), lambda path: path.unlink()):
        spoil(shard(copy))
        with pytest.raises(
            BuildError, match=f"is not what its report says: {shard_name()} cannot be compared"
        ) as error:
            in_directory(copy)
        assert error.value.next_step == f"Find out what is damaged: python -m builders verify {copy}"


def shard_name() -> str:
    return r"translation-tab-delimited/train-permissive-00000-of-00001\.parquet"


def test_a_file_with_another_content_is_found_when_it_is_read(built, tmp_path):
    changed = build(tmp_path / "changed", PAIRS | {1: ("One.", "一。")})
    content = bytearray(shard(changed).read_bytes())
    content[100] ^= 1
    shard(changed).write_bytes(content)
    sides = in_directory(built), in_directory(changed)

    with pytest.raises(BuildError, match=f"{shard_name()} cannot be compared"):
        compare.compare(*sides, compare.pairs(*sides), 1)
