"""A raw file that changes while it is read gives no shard: its digest in the report would be a lie."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import pytest

from builders.build import shards
from builders.build.plan import plan_configs
from builders.build.shards import Shard
from builders.download import obtain
from builders.errors import BuildError
from tests.support.pairs import CONFIG, numbered, write_pairs


@pytest.fixture
def raw(tmp_path) -> Path:
    return write_pairs(tmp_path, numbered(5))


@pytest.fixture
def shard(raw, tmp_path) -> Shard:
    [plan] = plan_configs([CONFIG], partial(obtain, sources=tmp_path))
    [shard] = plan.shards
    return shard


def written_in_place(path: Path) -> None:
    """Another content of the same size, with the time of the first."""
    status, content = path.stat(), path.read_bytes()
    path.write_bytes(content.replace(b"1", b"7"))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def replaced(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(path.read_bytes() + b"x")
    other.replace(path)


def removed(path: Path) -> None:
    path.unlink()


def now_a_fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize("change", [written_in_place, replaced, removed, now_a_fifo])
@pytest.mark.parametrize("moment", ["before", "while"])
def test_a_change_after_the_plan_is_noticed(shard, raw, tmp_path, change, moment):
    if moment == "before":
        change(raw)
    with pytest.raises(BuildError) as error:
        shards.build(shard, tmp_path / "out", lambda _: change(raw) if moment == "while" else None)
    assert str(error.value) == (
        f"tab_delimited: {raw} was changed or replaced after the build had begun.\n"
        "Next step: Leave the raw files alone while a build runs, and run the same command again."
    )
    assert not (tmp_path / "out").exists()


def test_a_file_that_was_only_touched_or_copied_is_the_same(shard, raw, tmp_path):
    def touch(_: int) -> None:
        content = raw.read_bytes()
        raw.unlink()
        raw.write_bytes(content)

    assert sum(shards.build(shard, tmp_path / "out", touch).records.values()) == 10
