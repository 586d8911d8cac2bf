"""A few disturbances of each kind; `make torture` tries hundreds at random moments."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from builders.commands.options import SAMPLES
from tests.torture.disturbances import Disturbance, draw, finish
from tests.torture.runs import FULL, Outcomes, Undisturbed, fill_disk, suffer, undisturbed

BUILD = ("build", "easy-ja", "jsquad", "--sources", str(SAMPLES), "--workers", "2")


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    return undisturbed("build", BUILD, tmp_path_factory.mktemp("build") / "out")


def test_a_disturbed_build_ends_with_the_same_bytes(tmp_path, build):
    disturbances = [
        draw(random.Random(1), build.seconds),
        Disturbance("terminate", ".building/*/*.tmp/*.parquet"),
        Disturbance("interrupt", ".building/*/*/result.json"),
        Disturbance("worker", ".building/*/*/result.json"),
        Disturbance("clock", ".building/*.new"),
        Disturbance("kill", "README.md*"),
    ]
    outcomes = Outcomes("build")
    suffer(build, disturbances, tmp_path / "out", outcomes)
    assert outcomes.while_running.total() and not outcomes.other_bytes.total()


def test_a_killed_merge_ends_with_the_bytes_of_a_build(tmp_path, build):
    slices = [tmp_path / str(number) for number in (1, 2)]
    for number, directory in enumerate(slices, 1):
        finish([*BUILD, "--shards", f"{number}/2", "--out", str(directory)])
    merge = Undisturbed("merge", ("merge", *map(str, slices)), build.digests, build.seconds, build.bytes)
    outcomes = Outcomes("merge")
    moments = (
        ".building/*/*.tmp/*.parquet",
        "*/train-*.parquet",
        "README.md*",
    )  # the last two stay: no look misses them
    suffer(merge, [Disturbance("kill", moment) for moment in moments], tmp_path / "out", outcomes)
    assert outcomes.while_running["kill"] and not outcomes.other_bytes.total()


@pytest.mark.skipif(os.geteuid() != 0, reason="a small file system can only be mounted by root")
def test_a_full_disk_with_more_room_ends_with_the_same_bytes(tmp_path, build):
    disk, outcomes = tmp_path / "disk", Outcomes("build")
    disk.mkdir()
    if not fill_disk(build, 0.3, Path(disk), outcomes):
        pytest.skip("this machine does not let a file system be mounted")
    assert outcomes.while_running[FULL] == 1 and not outcomes.other_bytes.total()
