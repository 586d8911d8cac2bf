"""A few disturbances of each kind; `make torture` tries hundreds at random moments."""

from __future__ import annotations

import os
import random
from dataclasses import replace
from pathlib import Path

import pytest

from builders.commands.options import SAMPLES
from tests.torture import publishing
from tests.torture.disturbances import BUILDING, Disturbance, draw, finish
from tests.torture.runs import FULL, Command, Outcomes, Undisturbed, fill_disk, suffer, undisturbed

BUILD = ("build", "easy-ja", "jsquad", "--sources", str(SAMPLES), "--workers", "2")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output directory of `build`; tests only read it."""
    return tmp_path_factory.mktemp("build") / "out"


@pytest.fixture(scope="module")
def build(built: Path) -> Undisturbed:
    return undisturbed(Command("build", (*BUILD, "--chat", "--out")), built)


def test_a_disturbed_build_ends_with_the_same_bytes(tmp_path, build):
    # A build that is not disturbed in time ends, and leaves the next nothing to do: first comes a file that stays.
    disturbances = [
        Disturbance("interrupt", ".building/*/*/result.json"),
        Disturbance("terminate", ".building/*/*.tmp/*.parquet"),
        Disturbance("worker", ".building/*/*/result.json"),
        Disturbance("clock", ".building/*.new"),
        Disturbance("kill", "README.md*"),
        draw(random.Random(1), build.seconds, BUILDING),
    ]
    outcomes = Outcomes("build")
    suffer(build, disturbances, tmp_path / "out", outcomes)
    assert outcomes.while_running.total() and not outcomes.other_bytes.total()


def test_a_killed_merge_ends_with_the_bytes_of_a_build(tmp_path, build):
    slices = [tmp_path / str(number) for number in (1, 2)]
    for number, directory in enumerate(slices, 1):
        finish([*BUILD, "--shards", f"{number}/2", "--out", str(directory)])
    merge = replace(build, command=Command("merge", ("merge", *map(str, slices), "--chat", "--out")))
    outcomes = Outcomes("merge")
    moments = ("*/train-*.parquet", "README.md*", ".building/*/*.tmp/*.parquet")  # those that stay first, as above
    suffer(merge, [Disturbance("kill", moment) for moment in moments], tmp_path / "out", outcomes)
    assert outcomes.while_running["kill"] and not outcomes.other_bytes.total()


def test_a_killed_clean_build_ends_with_the_same_bytes(tmp_path, build, built):
    clean = undisturbed(Command("clean", ("clean", "--workers", "2"), built), tmp_path / "undisturbed")
    disturbances = [
        Disturbance("kill", ".building/clean-*/found-*[0-9]"),  # these stay until the clean build ends
        Disturbance("worker", ".building/clean-*/written-*.tmp/*"),
        Disturbance("clock", "marks/*"),
    ]
    outcomes = Outcomes("clean")
    suffer(clean, disturbances, tmp_path / "out", outcomes)
    assert outcomes.while_running["kill"] and not outcomes.other_bytes.total()


def test_a_killed_publish_is_finished_by_the_next_one(tmp_path, build, built, hub):
    publisher, outcomes = publishing.Publisher(hub, tmp_path / "home"), Outcomes("publish")
    after = publisher.finish(built)
    hub.reset()
    moments = ("PUT /lfs/*", "POST */commit/script", "POST */commit/main", "POST */tag/*")
    publisher.suffer(built, after, [Disturbance("kill", moment) for moment in moments], outcomes)
    assert outcomes.while_running["kill"] and not outcomes.other_bytes.total()


@pytest.mark.skipif(os.geteuid() != 0, reason="a small file system can only be mounted by root")
def test_a_full_disk_with_more_room_ends_with_the_same_bytes(tmp_path, build):
    disk, outcomes = tmp_path / "disk", Outcomes("build")
    disk.mkdir()
    if not fill_disk(build, 0.3, Path(disk), outcomes):
        pytest.skip("this machine does not let a file system be mounted")
    assert outcomes.while_running[FULL] == 1 and not outcomes.other_bytes.total()
